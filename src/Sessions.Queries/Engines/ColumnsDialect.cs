using System.Globalization;
using System.Text;
using Sessions.Database;
using Sessions.Database.Properties;

namespace Sessions.Queries.Engines;

/// <summary>
/// DuckDB's SQL, over the tables of a project's file. They have the rows and names of Postgres' views; <c>properties</c> is the
/// text of Postgres' <c>jsonb</c>.
/// </summary>
internal sealed class ColumnsDialect : Dialect
{
    // An expression finds the few ids that may be such words, with whatever is around them, so that only these are trimmed. Only
    // letters of ASCII have cases.
    private static readonly string NamesNobody =
        $"case when regexp_matches(e.distinct_id, {Literal($"(?i)^[^0-9a-z]*(?:{string.Join('|', PersonIds.Words.Select(Core).Where(core => core.Length > 0).Distinct())})?[^0-9a-z]*$")}) "
        + $"then translate(trim(e.distinct_id, {Literal(PersonIds.Ignored)}), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') "
        + $"in ({string.Join(", ", PersonIds.Words.Prepend("").Select(Literal))}) else false end";

    public override string Sessions => "sessions";

    public override string Events => "events";

    public override string JoinSessions => "join sessions s on s.session_id = e.session_id";

    public override (string Join, string Person) Persons(bool ofEvents, string project, StatementParameters parameters)
    {
        string whose = ofEvents ? "coalesce(own.distinct_id, e.distinct_id)" : "s.distinct_id";
        string join = $"left join persons p on p.distinct_id = {whose}";
        return (
            ofEvents ? $"left join sessions own on own.session_id = case when {NamesNobody} then e.session_id end {join}" : join,
            $"coalesce(p.person, {whose})");
    }

    public override string JoinPersonsOfIds(string project, StatementParameters parameters) => "left join persons p on p.distinct_id = its.distinct_id";

    // A file has one project.
    public override string IsOf(string row, string project, StatementParameters parameters) => "true";

    public override string HasEvent(string condition) => $"s.session_id in (select e.session_id from events e where {condition})";

    // Events are sorted by name.
    public override string HasEventOfName(IReadOnlyList<object> names, string condition, StatementParameters parameters) => HasEvent(condition);

    public override string Bucket(string time, IReadOnlyList<DateTimeOffset> starts, StatementParameters parameters)
    {
        string microseconds = $"epoch_us({time})";
        long[] all = [.. starts.Select(Microseconds)];
        long width = all.Length > 1 ? all[1] - all[0] : 1;
        return all.Length > 1 && Enumerable.Range(1, all.Length - 1).All(place => all[place] - all[place - 1] == width)
            // Times are never before the first bucket.
            ? string.Create(CultureInfo.InvariantCulture, $"least(({microseconds} - {all[0]}) // {width} + 1, {all.Length})")
            : Steps(microseconds, [.. all.Select(start => start.ToString(CultureInfo.InvariantCulture))]);
    }

    public override string Bin(string number, decimal low, decimal high, int bins, StatementParameters parameters) =>
        // The ends of the bins times their number, which are exact: a third is not.
        Steps(
            $"({number}) * {bins}",
            [.. Enumerable.Range(0, bins).Select(bin => Literal(Exact(low, bins) + Exact(high - low, bin)))]);

    public override string IsAnyOf(string value, IReadOnlyList<object> values, StatementParameters parameters) =>
        $"{value} in ({string.Join(", ", values.Select(parameters.AddNext))})";

    public override string HasAnyOf(string list, IReadOnlyList<object> values, StatementParameters parameters) =>
        $"list_has_any({list}, [{string.Join(", ", values.Select(value => parameters.AddNext(value) + "::varchar"))}])";

    public override string NullIfEmpty(string list) => $"case when len({list}) > 0 then {list} end";

    public override string ContainsFolded(string text, PropertyType type, string part, StatementParameters parameters) =>
        type == PropertyType.Text && part.EnumerateRunes().All(IsFoldedAlike)
            ? $"contains({Folded(text)}, {Folded(parameters.AddNext(part))})"
            : throw new OnlyPostgresException("this comparison without regard to case");

    public override string Matches(string text, string pattern, StatementParameters parameters) =>
        throw new OnlyPostgresException("regular expressions");

    public override string Rewritten(string path, string pattern, string replacement, StatementParameters parameters) =>
        throw new OnlyPostgresException("regular expressions");

    public override void CheckOrder(PropertyType type, bool isByBytes)
    {
        if (type is PropertyType.Text or PropertyType.List && !isByBytes)
        {
            throw new OnlyPostgresException("an order by the database's collation");
        }
    }

    public override EventPropertySql Property(string name, StatementParameters parameters) => new ColumnsProperty(name, parameters);

    public override string NumberOfText(string text) => ColumnsProperty.NumberOfText(text);

    public override string Epoch(string time) => $"epoch_us({time})::decimal(18, 0) * 0.000001::decimal(7, 6)";

    public override string Items(string list) => $"unnest(case when len({list}) > 0 then {list} else [null::varchar] end) item (value)";

    public override string JoinPlacesOfItems(string list, string top, int absent, int others) =>
        $"""
        cross join lateral (
            select distinct case when item.value is null then {absent} else coalesce(top.its_place, {others}) end as its_place
            from   {Items(list)}
            left join {top} on top.value = item.value) top
        """;

    public override string Top(Array values, int[] places, PropertyType type, StatementParameters parameters)
    {
        IEnumerable<string> rows = places.Select((place, at) => string.Create(
            CultureInfo.InvariantCulture, $"({parameters.AddNext(values.GetValue(at)!)}::{TypeOf(type)}, {place})"));
        return places is [] ? $"(select null::{TypeOf(type)}, 0 where false) top (value, its_place)" : $"(values {string.Join(", ", rows)}) top (value, its_place)";
    }

    public override string PageText { get; } = SqlFile.Read("sessions_page_of_columns.sql");

    /// <summary>The SQL expression of a text in small letters.</summary>
    internal static string Folded(string text) =>
        // Postgres makes two characters of this one.
        $"lower(replace({text}, '\u0130', 'i\u0307'))";

    /// <summary>A constant text.</summary>
    internal static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Core(string word) => string.Concat(word.SkipWhile(IsNoLetter).Reverse().SkipWhile(IsNoLetter).Reverse());

    private static bool IsNoLetter(char c) => !char.IsAsciiLetterOrDigit(c);

    private static string Literal(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The SQL expression of how many of these ascending numbers are at most the value, at least 1.</summary>
    private static string Steps(string value, IReadOnlyList<string> starts)
    {
        return Between(0, starts.Count);

        string Between(int first, int end)
        {
            int middle = (first + end) / 2;
            return end - first == 1
                ? end.ToString(CultureInfo.InvariantCulture)
                : $"case when {value} < {starts[middle]} then {Between(first, middle)} else {Between(middle, end)} end";
        }
    }

    private static decimal Exact(decimal number, int times)
    {
        decimal product = number * times;
        return product.Scale >= number.Scale || times == 0 ? product : throw new OnlyPostgresException("bins of numbers with so many digits");
    }

    /// <summary>
    /// Whether both engines find this letter in the small form of the same texts. That of sigma depends on its place in a word.
    /// </summary>
    internal static bool IsFoldedAlike(Rune letter) => letter.Value is < 0x0250 and not 0x0130 or (>= 0x0370 and < 0x0530 and not (0x03A3 or 0x03C2 or 0x03C3))
        or (>= 0x0590 and < 0x1000) or (>= 0x2000 and < 0x2100) or (>= 0x2E80 and < 0xA000) or (>= 0xAC00 and < 0xD7A4);

    private static string TypeOf(PropertyType type) => type switch
    {
        PropertyType.Text or PropertyType.List => "varchar",
        PropertyType.Number => "bigint",
        PropertyType.Seconds => "decimal(18, 3)",
        PropertyType.Time => "timestamptz",
        PropertyType.Boolean => "boolean",
        PropertyType.Uuid => "uuid",
        _ => throw new InvalidOperationException($"{type} is no known type."),
    };
}
