-- owner: compliance
-- description: An exemption names a rule that exists
CREATE TRIGGER names_a_rule AFTER INSERT OR UPDATE OF rule ON ops.validation_exemption
FOR EACH ROW EXECUTE FUNCTION ops.exemption_names_a_rule();
