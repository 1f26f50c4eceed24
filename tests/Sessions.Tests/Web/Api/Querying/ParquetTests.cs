using System.Globalization;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Sessions.Tests.Run;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>Parquet files, read by DuckDB and compared with the lines of JSON.</summary>
public sealed class ParquetTests(TestGateway gateway) : IClassFixture<TestGateway>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task Exported_sessions_are_the_same_in_Parquet_as_in_JSON_with_a_type_for_each_column()
    {
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon.AddMicroseconds(1), Seconds = 1.5, UtmSource = "日本 \"x\"", IsBounce = true, RageClicks = 3 }
                .With("a").With("b \"c\", {d}", 1).With("a", 2),
            new StoredSession { Start = Noon.AddDays(1), IsLive = true },
            new StoredSession { Start = new DateTimeOffset(1, 1, 1, 0, 0, 0, TimeSpan.Zero) }.With("$pageview"));

        IReadOnlyList<string> types = await AreTheSame(asking, "sessions", "");

        Assert.Contains("$session_id UUID", types);
        Assert.Contains("$start_timestamp TIMESTAMP WITH TIME ZONE", types);
        Assert.Contains("$session_duration DECIMAL(18,3)", types);
        Assert.Contains("$is_bounce BOOLEAN", types);
        Assert.Contains("$event_count INTEGER", types);
        Assert.Contains("$event_names VARCHAR[]", types);
        Assert.Contains("$replay_start TIMESTAMP WITH TIME ZONE", types);
        Assert.Equal(["distinct_id VARCHAR", "$event_names VARCHAR[]"], await AreTheSame(asking, "sessions", "&columns=distinct_id,$event_names"));
    }

    [Fact]
    public async Task Exported_events_are_the_same_in_Parquet_as_in_JSON()
    {
        using Asking asking = await Asking.About(
            gateway,
            new StoredSession { Start = Noon }
                .With("buy", 0, null, ("price", 7), ("names", new[] { "a", "b" })).With("buy", 1, "bea", ("text", "ä\n\"")).With("sell", 2));

        IReadOnlyList<string> types = await AreTheSame(asking, "events", "");

        Assert.Contains("timestamp TIMESTAMP WITH TIME ZONE", types);
        Assert.Contains("sender_order BIGINT", types);
        Assert.Contains("properties VARCHAR", types);
    }

    [Fact]
    public async Task An_export_of_many_rows_is_whole_and_in_order_and_one_of_none_can_be_read()
    {
        using Asking asking = await Asking.About(
            gateway, [.. Enumerable.Range(0, 25_000).Select(i => new StoredSession { Start = Noon.AddSeconds(i), EventCount = i })]);

        await AreTheSame(asking, "sessions", "&columns=$session_id,$start_timestamp,$event_count");
        await AreTheSame(asking, "sessions", "&date_to=2020-01-01");
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>Compares both forms of an export, and returns the names and types of the columns.</summary>
    private async Task<IReadOnlyList<string>> AreTheSame(Asking asking, string what, string query)
    {
        using HttpResponseMessage answer = await asking.Program.GetAsync($"/api/export/{what}?format=parquet{query}");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal("application/vnd.apache.parquet", answer.Content.Headers.ContentType!.MediaType);
        string file = Path.Combine(_directory.Location, $"{Guid.NewGuid()}.parquet");
        await File.WriteAllBytesAsync(file, await answer.Content.ReadAsByteArrayAsync());
        string[] lines = (await asking.Program.GetStringAsync($"/api/export/{what}?{query.TrimStart('&')}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        await using DuckDBConnection duck = new("DataSource=:memory:");
        await duck.OpenAsync();
        List<string> types = [];
        await using (DuckDBCommand describe = duck.CreateCommand())
        {
            describe.CommandText = $"describe select * from read_parquet('{file}')";
            await using var columns = await describe.ExecuteReaderAsync();
            while (await columns.ReadAsync())
            {
                types.Add($"{columns.GetString(0)} {columns.GetString(1)}");
            }
        }

        await using DuckDBCommand read = duck.CreateCommand();
        read.CommandText = $"select * from read_parquet('{file}')";
        await using var rows = await read.ExecuteReaderAsync();
        List<JsonObject> found = [];
        while (await rows.ReadAsync())
        {
            found.Add(new JsonObject(Enumerable.Range(0, rows.FieldCount)
                .Select(column => KeyValuePair.Create(rows.GetName(column), Json(rows.GetValue(column))))));
        }

        Assert.Equal(lines.Length, found.Count);
        foreach ((string line, JsonObject row) in lines.Zip(found))
        {
            JsonObject expected = JsonNode.Parse(line)!.AsObject();
            if (expected["properties"] is JsonObject properties)
            {
                // JSON is a text in the file.
                Assert.True(JsonNode.DeepEquals(properties, JsonNode.Parse((string)row["properties"]!)));
                (expected["properties"], row["properties"]) = (null, null);
            }

            Assert.True(JsonNode.DeepEquals(expected, row), $"{expected.ToJsonString()}\n{row.ToJsonString()}");
        }

        return types;
    }

    private static JsonNode? Json(object value) => value switch
    {
        DBNull => null,
        Guid id => id.ToString(),
        DateTimeOffset time => Json(time.UtcDateTime),
        DateTime time => time.ToString(time.Ticks % 10_000 == 0 ? "yyyy-MM-dd'T'HH:mm:ss.fff'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        IEnumerable<string> texts => new JsonArray([.. texts.Select(text => JsonValue.Create(text))]),
        _ => JsonValue.Create(value),
    };
}
