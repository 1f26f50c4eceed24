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
    public override string Sessions => "sessions";

    public override string Events => PropertyColumns.EventRows;

    public override bool ReadsRangesTogether => true;

    public override string SessionKey => SessionNumbers.Of;

    public override string JoinSessions => $"join sessions s on s.{SessionNumbers.Of} = e.{SessionNumbers.Of}";

    // Each row has its person.
    public override (string Join, string Person) Persons(bool ofEvents, string project, StatementParameters parameters) =>
        ("", $"{(ofEvents ? "e" : "s")}.{PersonNumbers.OfPerson}");

    public override string CountPersons(string person, int groups) => Count(PersonNumbers.Count, person, groups);

    public override string CountSessions(string session, int groups) => Count(SessionNumbers.Count, session, groups);

    public override (string Id, string Join, string Person)? PersonsOfIds(string project, StatementParameters parameters) => null;

    // A file has one project.
    public override string IsOf(string row, string project, StatementParameters parameters) => "true";

    public override string HasEvent(string condition) =>
        $"s.{SessionNumbers.Of} in (select e.{SessionNumbers.Of} from {PropertyColumns.EventRows} e where {condition})";

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

    // DuckDB finds a percentile of whole numbers in a third of the time that doubles take.
    public override string Percentile(string number, PropertyType? type, double fraction)
    {
        string at = fraction.ToString(CultureInfo.InvariantCulture);
        return type switch
        {
            PropertyType.Seconds => $"round(quantile_cont((({number}) * 1000)::bigint, {at}) / 1000, 6)",
            PropertyType.Number => $"round(quantile_cont(({number})::bigint, {at}), 6)",
            _ => $"percentile_cont({at}) within group (order by ({number})::double precision)",
        };
    }

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

    public override (string Text, string Join) PagesTable { get; } = (SqlFile.Read("web_pages_table_of_columns.sql"), "");

    public override string? ComparedPagesText { get; } = SqlFile.Read("web_pages_compared_of_columns.sql");

    public override string EventsTableText { get; } = SqlFile.Read("web_events_table_of_columns.sql");

    public override string PageText { get; } = SqlFile.Read("sessions_page_of_columns.sql");

    /// <summary>The SQL expression of a text in small letters.</summary>
    internal static string Folded(string text) =>
        // Postgres makes two characters of this one.
        $"lower(replace({text}, '\u0130', 'i\u0307'))";

    /// <summary>A constant text.</summary>
    internal static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Count(string macro, string number, int groups) =>
        groups > PersonNumbers.MostGroups ? $"count(distinct {number})" : $"{macro}({number})";

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
