using System.Globalization;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Domain.Folding;

namespace Sessions.Queries.Engines;

/// <summary>Postgres' SQL, over the views of schema <c>tracking</c>.</summary>
internal sealed class PostgresDialect : Dialect
{
    // A full list may lack names. The row of a live session may be behind its events.
    private static readonly string MayHaveMoreNames = string.Create(
        CultureInfo.InvariantCulture, $"(cardinality(s.event_names) >= {FirstNames.Most} or s.status = 'live')");

    // The distinct id of an event. If the event's own id is generic, the session's id is used.
    private const string WhoseEvent =
        """
        cross join lateral (
            select case when tracking.names_nobody(e.distinct_id)
                        then coalesce(
                            (select own.distinct_id from tracking.sessions own where own.project = e.project and own.session_id = e.session_id),
                            e.distinct_id)
                        else e.distinct_id
                   end as distinct_id) whose
        """;

    public override string Sessions => "tracking.all_sessions";

    public override string Events => "tracking.all_events";

    public override bool ReadsRangesTogether => false;

    public override string SessionKey => "session_id";

    public override string JoinSessions => "join tracking.all_sessions s on s.project = e.project and s.session_id = e.session_id";

    public override (string Join, string Person) Persons(bool ofEvents, string project, StatementParameters parameters)
    {
        string whose = ofEvents ? "whose" : "s";
        string join = $"left join tracking.persons_of({parameters.AddNext(project)}) p on p.distinct_id = {whose}.distinct_id";
        return (ofEvents ? $"{WhoseEvent} {join}" : join, $"coalesce(p.person, {whose}.distinct_id)");
    }

    public override string CountPersons(string person, int groups) => $"count(distinct {person})";

    public override string CountSessions(string session, int groups) => $"count(distinct {session})";

    public override (string Id, string Join, string Person)? PersonsOfIds(string project, StatementParameters parameters) => (
        "s.distinct_id",
        $"left join tracking.persons_of({parameters.AddNext(project)}) p on p.distinct_id = its.id",
        "coalesce(p.person, its.id)");

    public override string IsOf(string row, string project, StatementParameters parameters) => $"{row}.project = {parameters.AddNext(project)}";

    public override string HasEvent(string condition) => Exists(condition);

    public override string HasEventOfName(IReadOnlyList<object> names, string condition, StatementParameters parameters) =>
        // Rows of older versions have no names. There may be many of them, and only few of the others that the row does not
        // decide: their events are looked up for each.
        $"({HasAnyOf("s.event_names", names, parameters)} or (s.event_names is null and {Exists(condition)}) or ({MayHaveMoreNames} and {Exists(condition, "offset 0")}))";

    public override string Bucket(string time, IReadOnlyList<DateTimeOffset> starts, StatementParameters parameters) =>
        $"width_bucket({time}, {parameters.AddNext(starts.ToArray())})";

    public override string Bin(string number, decimal low, decimal high, int bins, StatementParameters parameters)
    {
        string count = parameters.AddNext(bins);
        return $"least(width_bucket(({number})::numeric, {parameters.AddNext(low)}, {parameters.AddNext(high)}, {count}), {count})";
    }

    public override string IsAnyOf(string value, IReadOnlyList<object> values, StatementParameters parameters) =>
        $"{value} = any({parameters.AddList(values)})";

    public override string HasAnyOf(string list, IReadOnlyList<object> values, StatementParameters parameters) =>
        $"{list} && {parameters.AddList(values)}";

    public override string NullIfEmpty(string list) => $"nullif({list}, '{{}}')";

    public override string ContainsFolded(string text, PropertyType type, string part, StatementParameters parameters) =>
        $"strpos({Folded(text)}, {Folded(parameters.AddNext(part))}) > 0";

    public override string Matches(string text, string pattern, StatementParameters parameters) =>
        $"{text}::text ~ {parameters.AddNext(pattern)}";

    public override string Rewritten(string path, string pattern, string replacement, StatementParameters parameters) =>
        $"regexp_replace({path}, {parameters.AddNext(pattern)}, {parameters.AddNext(replacement)}, 'g')";

    public override void CheckOrder(PropertyType type, bool isByBytes)
    {
        // It is the order that is meant.
    }

    public override EventPropertySql Property(string name, StatementParameters parameters) => new PostgresProperty(parameters.AddNext(name), parameters);

    public override string NumberOfText(string text) => EventNumber.Calculable(text, $"to_jsonb({text})");

    public override string Percentile(string number, PropertyType? type, double fraction)
    {
        string percentile = string.Create(CultureInfo.InvariantCulture, $"percentile_cont({fraction}) within group (order by ({number})::double precision)");
        return type is PropertyType.Number or PropertyType.Seconds ? $"round(({percentile})::numeric, 6)::double precision" : percentile;
    }

    public override string Epoch(string time) => $"extract(epoch from {time})";

    public override string Items(string list) => $"unnest(case when cardinality({list}) > 0 then {list} else array[null::text] end) item (value)";

    public override string JoinPlacesOfItems(string list, string top, int absent, int others) =>
        $"""
        cross join lateral (
            select distinct case when item.value is null then {absent} else coalesce(top.its_place, {others}) end as its_place
            from   {Items(list)}
            left join {top} on top.value = item.value) top
        """;

    public override string Top(Array values, int[] places, PropertyType type, StatementParameters parameters) =>
        $"unnest({parameters.AddNext(values)}, {parameters.AddNext(places)}) top (value, its_place)";

    public override (string Text, string Join) PagesTable { get; } = (
        SqlFile.Read("web_pages_table.sql"),
        // A session's row may come later than its events.
        "left join tracking.all_sessions own on own.project = e.project and own.session_id = e.session_id");

    public override string? ComparedPagesText => null;

    public override string EventsTableText { get; } = SqlFile.Read("web_events_table.sql");

    public override string PageText { get; } = SqlFile.Read("sessions_page.sql");

    // "born" names the journal partition with the session's events. With an offset, Postgres does not read the events of all
    // sessions at once.
    private static string Exists(string condition, string offset = "") =>
        $"""
        exists (
            select from tracking.all_events e
            where  e.project = s.project and e.session_id = s.session_id and e.born = s.born and {condition} {offset})
        """;

    // Uses ICU rules, because the database's own collation may fold only ASCII letters.
    private static string Folded(string text) => $"lower({text}::text collate pg_catalog.\"und-x-icu\")";

    private sealed class PostgresProperty(string key, StatementParameters parameters) : EventPropertySql
    {
        // As long as the texts that sessions keep. A group's value must fit into an answer.
        private const int MaxValue = 2_048;

        private string Plain => $"(e.properties ->> {key})";

        private string Json => $"(e.properties -> {key})";

        // 1.50 and 1.5 are the same number.
        public override string Value =>
            $"left(case jsonb_typeof({Json}) when 'number' then trim_scale({Plain}::numeric)::text else {Plain} end, {MaxValue})";

        public override string Number => EventNumber.Of(Plain, Json);

        public override string Calculable => EventNumber.Calculable(Plain, Json);

        public override string Text => $"{Plain} collate \"C\"";

        public override string IsAnyOf(IReadOnlyList<object> texts) => parameters.Dialect.IsAnyOf(Text, texts, parameters);

        public override string IsSet => $"{Plain} is not null";
    }
}
