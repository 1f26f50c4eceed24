using System.Text;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Properties;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>Columns answer questions about odd values as Postgres does, or leave them to it.</summary>
public sealed class ColumnsDialectTests(ColumnsGateway gateway) : IClassFixture<ColumnsGateway>
{
    private static readonly StatementLimits Limits = new(TimeSpan.FromSeconds(30), 4);

    private static readonly string[] Values =
    [
        "1.50", "1.5", "100000", "0.0", "-0", "1e2", "12345678901234567890", "123456789012345678901234567890", "1234567890123456789.5",
        "1e-30", "0.1", "0.10000000000000000001", "18446744073709551615", "-9223372036854775808", "1e400", "true", "false", "null",
        "\"x\"", "\"X\"", "\"\"", "\"1.50\"", "\" 7 \"", "\"\\u00a07\"", "\"7\\n\"", "\"\\u000b7\"", "\"1e3\"", "\"1,5\"", "\".5\"", "\"5.\"", "\"-\"", "\"0x10\"",
        "\"Infinity\"", "\"NaN\"", "\"true\"", "\"null\"", "\"\\u0130stanbul\"", "\"istanbul\"", "\"\u03a3\u0391\u03a3\"", "\"\u03c3\u03b1\u03c2\"", "\"stra\u00dfe\"",
        "\"STRASSE\"", "\"\\\"k\\\": 5\"", "\"[1]\"", "\"{\"", "\"a\\\\b\"", "\"\ud83d\ude00\"", "\"O'Neill\"",
    ];

    private static readonly string[] Nested = ["[1, 2.50, \"a\"]", "{\"a\": 1}", "[]", "{}", "{\"k\": 5}"];

    private static readonly string[] Asked =
    [
        "1.50", "1.5", "100", "100000", "0", "0.0", "7", "true", "x", "", "\"", "i", "istanbul", "\u0130", "\u03c3", "stra\u00dfe", "ss", "[", "[1]", "{", "null", "5", "a", "O'Neill",
    ];

    private static readonly decimal[] Numbers =
        [1.5m, 0m, 100m, 7m, 0.1m, 1.50m, 12345678901234567890m, 0.10000000000000000001m, -9223372036854775808m, 5m];

    private static readonly FilterOperator[] OfTexts =
    [
        FilterOperator.Exact, FilterOperator.IsNot, FilterOperator.In, FilterOperator.NotIn, FilterOperator.IContains, FilterOperator.NotIContains,
        FilterOperator.Gt, FilterOperator.Lte,
    ];

    private static readonly FilterOperator[] OfNumbers =
        [FilterOperator.Exact, FilterOperator.IsNot, FilterOperator.In, FilterOperator.NotIn, FilterOperator.Gt, FilterOperator.Gte, FilterOperator.Lt, FilterOperator.Lte];

    [Theory]
    [InlineData("k", false)]
    [InlineData("k", true)]
    [InlineData("$k.x/y~z", false)]
    [InlineData("0", false)]
    [InlineData("*", false)]
    [InlineData("\u00e9", false)]
    [InlineData("a\"b", false)]
    [InlineData("a\\b", false)]
    public async Task Filters_on_a_property_hold_for_the_same_sessions(string key, bool isNested)
    {
        using Asking asking = await Asking.About(gateway, [.. (isNested ? [.. Values, .. Nested] : Values).Select(value => Session(key, value))]);
        (string Project, EventField Field) of = (asking.Project, EventField.Find(key));
        List<string> differences = [];
        foreach (FilterOperator comparison in OfTexts)
        {
            foreach (string value in key == "k" ? Asked : Asked.Take(3))
            {
                await Compare(of.Project, new EventPropertyFilter(of.Field, comparison, [value]), differences);
            }
        }

        foreach (FilterOperator comparison in OfNumbers)
        {
            foreach (decimal value in key == "k" ? Numbers : Numbers.Take(3))
            {
                await Compare(of.Project, new EventPropertyFilter(of.Field, comparison, [value]), differences);
            }
        }

        await Compare(of.Project, new EventPropertyFilter(of.Field, FilterOperator.In, [1.5m, "x", "1.50"]), differences);
        await Compare(of.Project, new EventPropertyFilter(of.Field, FilterOperator.IsSet, []), differences);
        await Compare(of.Project, new EventPropertyFilter(of.Field, FilterOperator.IsNotSet, []), differences);

        Assert.Empty(differences);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Breakdowns_and_numbers_of_a_property_are_the_same(bool isNested)
    {
        string[] values = [.. Values.Where(value => value is not ("1e400" or "123456789012345678901234567890" or "1234567890123456789.5"))];
        using Asking asking = await Asking.About(gateway, [.. (isNested ? [.. values, .. Nested] : values).Select(value => Session("k", value))]);
        EventField field = EventField.Find("k");
        foreach (Breakdown? breakdown in new[] { null, new Breakdown(field, null, 100), new Breakdown(field, 7, 0) })
        {
            foreach (SeriesMath math in new[] { SeriesMath.Total, SeriesMath.Avg, SeriesMath.Sum, SeriesMath.Min, SeriesMath.Max, SeriesMath.Median, SeriesMath.UniqueUsers })
            {
                Period period = new(Noon.AddDays(-1), Noon.AddDays(1), [Noon.AddDays(-1), Noon]);
                Aggregation asked = new(
                    asking.Project, [period], [new Series("e", math, math < SeriesMath.Avg ? null : (RequestedProperty?)field, [])], breakdown);

                Assert.Equal(await Answer(asked, null), await Answer(asked, gateway.Service<ColumnsEngine>()));
            }
        }
    }

    [Fact]
    public async Task A_text_is_found_without_regard_to_case_where_Postgres_finds_it()
    {
        Dictionary<int, string> ofPostgres = [];
        await using NpgsqlCommand ask = gateway.Database.CreateCommand(
            "select c, lower(chr(c) collate pg_catalog.\"und-x-icu\") from generate_series(1, 1114111) c where c not between 55296 and 57343");
        await using NpgsqlDataReader reader = await ask.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            ofPostgres[reader.GetInt32(0)] = reader.GetString(1);
        }

        List<string> differences = [];
        await using DuckDBConnection columns = new("DataSource=:memory:");
        columns.Open();
        await using DuckDBCommand fold = columns.CreateCommand();
        fold.CommandText = $"select c, {ColumnsDialect.Folded("chr(c::integer)")} from range(1, 1114112) t(c) where c not between 55296 and 57343";
        await using DuckDBDataReader small = fold.ExecuteReader();
        while (small.Read())
        {
            int letter = (int)small.GetInt64(0);
            string its = small.GetString(1), postgres = ofPostgres[letter];
            if (its != postgres && its.EnumerateRunes().Concat(postgres.EnumerateRunes()).Any(ColumnsDialect.IsFoldedAlike))
            {
                differences.Add($"U+{letter:X4}: {its} and {postgres}");
            }
        }

        Assert.Empty(differences);
    }

    [Fact]
    public async Task Ids_that_name_nobody_count_as_the_persons_of_their_sessions()
    {
        string[] ids = ["null", "NULL", "\"Null\"", "\u200b null\u00a0", "n\u0130l", "[Object Object]", "0", "00", "\u212anil", "anonymous ", "\ufeff", "'", "{}", "ann", "$posthog_cookieless"];
        using Asking asking = await Asking.About(
            gateway, [.. ids.Select((id, at) => Session("k", "1") with { DistinctId = $"visitor {at}" }).Select((session, at) => session.With("f", 1, ids[at]))]);
        Period period = new(Noon.AddDays(-1), Noon.AddDays(1), [Noon.AddDays(-1)]);
        Aggregation asked = new(asking.Project, [period], [new Series("f", SeriesMath.UniqueUsers, null, [])], new Breakdown(EventField.Find("distinct_id"), null, 100));

        Assert.Equal(await Answer(asked, null), await Answer(asked, gateway.Service<ColumnsEngine>()));
    }

    private async Task<string> Answer(Aggregation asked, ColumnsEngine? columns)
    {
        QueryDataSource source = gateway.Service<QueryDataSource>();
        AggregateQueries queries = new(source, new QueryEngines(source, columns));
        AggregationResult answer = (await queries.Get(asked, Limits, _ => true, TestContext.Current.CancellationToken))!;
        return string.Join('\n', answer.Groups.Select(group => $"{group.Place} {group.Value} {group.Low / 1.000m} {group.High / 1.000m}: {Measures(answer, group.Place)}"));

        static string Measures(AggregationResult answer, int place) => answer.Measured.TryGetValue((0, 0, place), out Measured? its)
            ? $"{NaiveQuery.Show(its.Value)} of {string.Join(' ', its.Points.Select(NaiveQuery.Show))}" : "nothing";
    }

    private async Task Compare(string project, EventPropertyFilter filter, List<string> differences)
    {
        string postgres = await Sessions(project, filter, null), columns = await Sessions(project, filter, gateway.Service<ColumnsEngine>());
        if (postgres != columns)
        {
            differences.Add($"{filter.Operator} {string.Join(", ", filter.Values)}: {postgres} and {columns}");
        }
    }

    private async Task<string> Sessions(string project, EventPropertyFilter filter, ColumnsEngine? columns)
    {
        QueryDataSource source = gateway.Service<QueryDataSource>();
        SessionQueries queries = new(source, new QueryEngines(source, columns));
        SessionPage page = await queries.GetPage(
            new SessionPageQuery(project, null, null, [filter], new SessionOrder(SessionProperties.Find("$session_id")!, false), null, 1000),
            Limits, TestContext.Current.CancellationToken);
        return string.Join(' ', page.Sessions.Select(session => session["$entry_pathname"]));
    }

    private static StoredSession Session(string key, string json)
    {
        StoredSession session = new() { Start = Noon, Seconds = 1, EntryPathname = json };
        // The number as it is written.
        JsonNode? value = JsonNode.Parse(Encoding.UTF8.GetBytes(json));
        return session.With("e", 0, "ann", (key, value), ("other", "\"k\": 1"));
    }
}
