using Sessions.Database.Properties;

namespace Sessions.Queries.Engines;

/// <summary>
/// DuckDB's SQL of a property of events. A property that has a column in the file is read from there; DuckDB decides it while it plans.
/// Any other is read from JSON. There DuckDB writes fractions, very large numbers, lists and objects not as Postgres does, so
/// a fraction is cut out of the text of <c>properties</c>, and the others are left to Postgres: DuckDB fails.
/// </summary>
internal sealed class ColumnsProperty : EventPropertySql
{
    // As long as the texts that sessions keep. A group's value must fit into an answer.
    private const int MaxValue = 2_048;

    // What Postgres takes for white space around a number depends on its collation, so texts with others are left to it.
    private const string IsNumber = @"^[ \t\n\r\f]*-?[0-9]{1,100}(\.[0-9]{1,100})?[ \t\n\r\f]*$";
    private const string MayBeNumber = @"^[\s\pZ\pC]*-?[0-9]{1,100}(\.[0-9]{1,100})?[\s\pZ\pC]*$";

    // Numbers that the type of the expressions holds.
    private const string Fits = @"^[ \t\n\r\f]*-?0*[0-9]{1,18}(\.[0-9]{0,20}0*)?[ \t\n\r\f]*$";
    private const string Type = "decimal(38, 20)";

    private const string Fails = "error('only Postgres answers this value')";

    // More values are searched in one go.
    private const int MostSearched = 3;

    private readonly string _name;
    private readonly StatementParameters _parameters;

    // A constant, because the columns of a file are chosen by it before there are parameters.
    private readonly string _literal;
    private readonly string _column;

    // Added when they are used: DuckDB refuses a parameter that the statement does not have.
    private string? _before;
    private string? _path;

    public ColumnsProperty(string name, StatementParameters parameters)
    {
        if (!PropertyColumns.MayHave(name))
        {
            throw new OnlyPostgresException("properties with such a name");
        }

        (_name, _parameters) = (name, parameters);
        _literal = ColumnsDialect.Literal(name);
        _column = $"{PropertyColumns.Value}({_literal}, {PropertyColumns.Arguments})";
    }

    public override string Text => OfColumnOr(_column, TextOfJson);

    public override string Value => OfColumnOr(
        // 1.50 and 1.5 are the same number.
        $"left(case when {IsNumberInColumn} and contains({_column}, '.') then rtrim(rtrim({_column}, '0'), '.') else {_column} end, {MaxValue})",
        ValueOfJson);

    public override string Number => OfColumnOr($"case when {IsNumberInColumn} then {Fitting(_column)} else {NumberOfText(_column)} end", NumberOfJson);

    public override string Calculable => Number;

    public override string IsSet => OfColumnOr($"{_column} is not null", IsSetInJson);

    private string IsNumberInColumn => $"{PropertyColumns.IsNumber}({_literal}, e.{PropertyColumns.Numbers})";

    private string TextOfJson =>
        $"case when {Has} then case {Kind} when 'DOUBLE' then {Fraction} when 'OBJECT' then {Fails} when 'ARRAY' then {Fails} else {Plain} end end";

    private string ValueOfJson =>
        // 1.50 and 1.5 are the same number.
        $"left(case when {Has} then case {Kind} when 'DOUBLE' then case when contains({Fraction}, '.') then rtrim(rtrim({Fraction}, '0'), '.') else {Fraction} end "
        + $"when 'OBJECT' then {Fails} when 'ARRAY' then {Fails} else {Plain} end end, {MaxValue})";

    private string NumberOfJson =>
        $"case when {Has} then case {Kind} when 'UBIGINT' then {Plain}::{Type} when 'BIGINT' then {Plain}::{Type} when 'DOUBLE' then {Fitting(Fraction)} "
        + $"when 'VARCHAR' then {NumberOfText(Plain)} end end";

    private string IsSetInJson => $"({Has} and {Plain} is not null)";

    // The name as Postgres writes it.
    private string Before => _before ??= _parameters.AddNext($"\"{_name}\": ");

    // A JSON pointer; but a number in one is also the place in a list.
    private string Path => _path ??= _parameters.AddNext(_name.All(char.IsAsciiDigit) && _name.Length > 0
        ? $"$.\"{_name}\""
        : "/" + _name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));

    // Most events don't have the property, and their JSON needs no reading then.
    private string Has => $"contains(e.properties, {Before})";

    private string Plain => $"json_extract_string(e.properties, {Path})";

    private string Kind => $"json_type(e.properties, {Path})";

    // An object inside may have a property of the same name.
    private string Fraction =>
        $"(case when split_part(e.properties, {Before}, 3) <> '' then {Fails} else regexp_extract(split_part(e.properties, {Before}, 2), '^-?[0-9.]+') end)";

    public override string IsAnyOf(IReadOnlyList<object> texts) =>
        OfColumnOr(_parameters.Dialect.IsAnyOf(_column, texts, _parameters), IsAnyOfJson(texts));

    /// <summary>A text that is nothing but a number, as a number; else null.</summary>
    public static string NumberOfText(string text) =>
        $"case when regexp_matches({text}, '{IsNumber}') then {Fitting(text)} when regexp_matches({text}, '{MayBeNumber}') then {Fails} end";

    private string OfColumnOr(string column, string json) => $"case when {PropertyColumns.Has}({_literal}) then {column} else {json} end";

    private string IsAnyOfJson(IReadOnlyList<object> texts)
    {
        string[] words = [.. texts.OfType<string>()];
        // No number, list or object looks like these texts, in whatever form.
        if (words.Length < texts.Count || words.Any(word => word.Length > 0 && word[0] is '-' or '[' or '{' or (>= '0' and <= '9')))
        {
            return $"({Has} and {_parameters.Dialect.IsAnyOf(TextOfJson, texts, _parameters)})";
        }

        string isAny = _parameters.Dialect.IsAnyOf(Plain, texts, _parameters);
        if (words.Length > MostSearched || words.Any(word => word is "true" or "false" || !PropertyColumns.MayHave(word)))
        {
            return $"({Has} and {isAny})";
        }

        // Where there are no objects inside and no escapes in names, the text says it all.
        string found = string.Join(" or ", words.Select(word => $"contains(e.properties, {_parameters.AddNext($"\"{_name}\": \"{word}\"")})"));
        return $"(({found}) and case when contains(substr(e.properties, 2), '{{') or contains(e.properties, '\\') then {isAny} else true end)";
    }

    private static string Fitting(string text) =>
        $"case when regexp_matches({text}, '{Fits}') then trim({text}, ' ' || chr(9) || chr(10) || chr(12) || chr(13))::{Type} else {Fails} end";
}
