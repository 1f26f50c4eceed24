using Sessions.Columns.Schema;
using Sessions.Database.Properties;

namespace Sessions.Columns.UserSql;

/// <summary>
/// The view <c>events</c> with a column more for each property that a query reads. Its value is what <c>properties -&gt;&gt; key</c> gives.
/// </summary>
internal static class PropertySource
{
    /// <summary>Where DuckDB fails because the file's column has another text than DuckDB gives. The query is then run as it was written.</summary>
    private const string Fails = "error('the JSON has to be read')";

    // Letters that are rare in names, values and addresses come first. DuckDB finds texts that begin with such a letter faster.
    private const string Rare = "jxqzkvbywgufmdcplhrsniatoe";

    /// <summary>The columns of the view <c>events</c>.</summary>
    private static readonly string ViewColumns = string.Join(", ", UserViews.EventColumns);

    /// <summary>The query.</summary>
    /// <param name="file">The name under which the file is attached.</param>
    /// <param name="keys">The properties, and the names of the columns.</param>
    public static string Select(string file, IReadOnlyDictionary<string, string> keys)
    {
        string main = $"{Quoted.Name(file)}.main.";
        return $"SELECT {ViewColumns}, {string.Join(", ", keys.Select(key => $"{Value(main, key.Key)} AS {Quoted.Name(key.Value)}"))} FROM {main}{PropertyColumns.EventRows} AS r";
    }

    // DuckDB decides it while it plans, and reads one of the columns alone.
    private static string Value(string main, string key) =>
        $"CASE WHEN {main}{PropertyColumns.Has}({Quoted.Literal(key)}) THEN {OfColumn(main, key)} ELSE {OfJson(key)} END";

    /// <summary>
    /// The columns have what Postgres gives: 1.50 where DuckDB gives 1.5, and lists and objects with spaces. Whole numbers of 18 digits,
    /// and fractions of 15, are the same in a double.
    /// </summary>
    private static string OfColumn(string main, string key)
    {
        string value = $"{main}{PropertyColumns.Value}({Quoted.Literal(key)}, {string.Join(", ", PropertyColumns.Names)})";
        string isNumber = $"{main}{PropertyColumns.IsNumber}({Quoted.Literal(key)}, {PropertyColumns.Numbers})";
        string isShortFraction = $"length({value}) <= 16 AND contains({value}, '.') AND NOT starts_with({value}, '0.0000') AND NOT starts_with({value}, '-0.0000')";
        string fraction = $"rtrim({value}, '0') || CASE WHEN suffix(rtrim({value}, '0'), '.') THEN '0' ELSE '' END";
        return $"CASE WHEN {isNumber} AND (length({value}) > 18 OR contains({value}, '.')) THEN CASE WHEN {isShortFraction} THEN {fraction} ELSE {Fails} END "
            + $"WHEN starts_with({value}, '{{') OR starts_with({value}, '[') THEN {Fails} ELSE {value} END";
    }

    // Most events don't have the property, and their JSON needs no reading then.
    private static string OfJson(string key) =>
        $"CASE WHEN contains(r.properties, {Quoted.Literal(Part(key))}) THEN json_extract_string(r.properties, {Quoted.Literal(PropertyPath.Of(key))}) END";

    /// <summary>A part of what stands before the value in Postgres' text of an object.</summary>
    private static string Part(string key)
    {
        int first = key.Select((letter, place) => (Rank: Rare.IndexOf(letter, StringComparison.Ordinal), place))
            .Where(letter => letter.Rank >= 0)
            .DefaultIfEmpty()
            .MinBy(letter => letter.Rank).place;
        return key[first..] + "\": ";
    }
}
