-- How the rule ${name} is offended. '-- also: <rule>, <rule>' above the first statement names rules that the same rows offend.
UPDATE party SET display_name = display_name || ' ' WHERE id = (SELECT id FROM party ORDER BY id LIMIT 1);
