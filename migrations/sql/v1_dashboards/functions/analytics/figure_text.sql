-- owner: platform
-- description: A figure as a card shows it: 4.21 %, SGD 10.8 m, 1,234, 12.5 days; NULL for NULL
CREATE FUNCTION analytics.figure_text(figure numeric, unit text, currency text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT CASE
    WHEN figure IS NULL THEN NULL
    WHEN unit = 'percent' THEN trim(to_char(round(figure, 1), 'FM999,999,990.0')) || ' %'
    WHEN unit = 'count' THEN to_char(round(figure), 'FM999,999,999,990')
    WHEN unit = 'days' THEN trim(to_char(round(figure, 1), 'FM999,990.0')) || ' days'
    WHEN unit = 'money' AND abs(figure) >= 1e9 THEN currency || ' ' || to_char(figure / 1e9, 'FM999,990.00') || ' bn'
    WHEN unit = 'money' AND abs(figure) >= 1e6 THEN currency || ' ' || to_char(figure / 1e6, 'FM999,990.00') || ' m'
    WHEN unit = 'money' AND abs(figure) >= 1e4 THEN currency || ' ' || to_char(figure / 1e3, 'FM999,990.0') || ' k'
    WHEN unit = 'money' THEN currency || ' ' || to_char(figure, 'FM999,990.00')
    ELSE to_char(figure, 'FM999,999,990.00')
END
$function$;
