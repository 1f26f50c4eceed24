using System.Text.Json.Nodes;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>Exports out of columns, beside the same out of Postgres.</summary>
public sealed class ExportColumnsTests(FileColumnsGateway gateway) : IClassFixture<FileColumnsGateway>
{
    [Theory]
    [InlineData("format=csv")]
    [InlineData("format=ndjson")]
    [InlineData("format=parquet")]
    [InlineData("format=ndjson&order=-$session_duration")]
    [InlineData("format=ndjson&columns=$event_names,$session_id&date_from=2026-01-16")]
    [InlineData("format=csv&filters=[{%22key%22:%22b%22,%22type%22:%22event%22,%22operator%22:%22exact%22,%22value%22:%22x%22}]")]
    public async Task An_export_of_sessions_has_the_same_bytes_as_one_out_of_Postgres(string query)
    {
        using Asking asking = await About();

        (byte[] columns, byte[] postgres) = await Export(asking, $"/api/export/sessions?{query}");

        Assert.True(columns.AsSpan().SequenceEqual(postgres), $"{columns.Length} and {postgres.Length} bytes");
    }

    [Theory]
    [InlineData("format=csv")]
    [InlineData("format=ndjson")]
    [InlineData("format=ndjson&date_from=2026-01-16")]
    [InlineData("format=csv&filters=[{%22key%22:%22$is_bounce%22,%22type%22:%22session%22,%22operator%22:%22exact%22,%22value%22:%22true%22}]")]
    public async Task An_export_of_events_has_the_same_lines_as_one_out_of_Postgres(string query)
    {
        using Asking asking = await About();

        (byte[] columns, byte[] postgres) = await Export(asking, $"/api/export/events?{query}");

        Assert.Equal(Lines(postgres), Lines(columns));
    }

    [Fact]
    public async Task An_order_by_the_databases_collation_is_read_from_Postgres()
    {
        using Asking asking = await About();
        int before = gateway.Exported;

        await asking.Program.GetByteArrayAsync("/api/export/sessions?order=distinct_id", TestContext.Current.CancellationToken);

        Assert.Equal(before, gateway.Exported);
    }

    [Fact]
    public async Task An_export_of_many_rows_is_whole()
    {
        using Asking asking = await Asking.About(gateway, [.. Enumerable.Range(0, 3_000).Select(number => new StoredSession { Start = Noon.AddSeconds(number) }.With("a", 0, null, ("text", new string('x', 500))))]);

        (byte[] columns, byte[] postgres) = await Export(asking, "/api/export/events?format=ndjson");

        Assert.Equal(3_000, Lines(columns).Count);
        Assert.Equal(Lines(postgres), Lines(columns));
    }

    private Task<Asking> About() => Asking.About(
        gateway,
        new StoredSession { Start = Noon.AddMicroseconds(1), Seconds = 1.5, UtmSource = "\u65e5\u672c \"x\"", IsBounce = true, RageClicks = 3 }
            .With("a", 0, null, ("number", JsonNode.Parse("1.50")), ("list", JsonNode.Parse("[1, {\"b\": null}]"))).With("b \"c\", {d}", 1, null, ("b", "x")).With("a", 2),
        new StoredSession { Start = Noon.AddDays(1), IsLive = true, Seconds = 3_600 }.With("$pageview", 0.123456, "ben"),
        new StoredSession { Start = new DateTimeOffset(1, 1, 1, 0, 0, 0, TimeSpan.Zero) }.With("$pageview"));

    /// <summary>The bytes out of columns and out of Postgres.</summary>
    private async Task<(byte[] Columns, byte[] Postgres)> Export(Asking asking, string address)
    {
        int before = gateway.Exported;
        byte[] columns = await asking.Program.GetByteArrayAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(before + 1, gateway.Exported);
        gateway.RowsAreAway = true;
        try
        {
            return (columns, await asking.Program.GetByteArrayAsync(address, TestContext.Current.CancellationToken));
        }
        finally
        {
            gateway.RowsAreAway = false;
        }
    }

    private static List<string> Lines(byte[] bytes) =>
        [.. System.Text.Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
}
