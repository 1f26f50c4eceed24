using System.Text;
using System.Text.Json.Nodes;
using Sessions.Run.Import;
using static Sessions.Tests.Run.Import.Imported;

namespace Sessions.Tests.Run.Import;

/// <summary>
/// An imported event keeps the export's ids, times and visitor, however the export writes them. Nothing is derived from
/// the importer's connection.
/// </summary>
public sealed class ExportedEventTests
{
    private static readonly ExportedEvent Export = new(new Occurrences());

    [Theory]
    [InlineData("""{"uuid":"0190c0de-0000-7000-8000-000000000001","event":"buy","distinct_id":"ada","timestamp":"2026-01-02T03:04:05.678Z","properties":{"a":1}}""")]
    [InlineData("""{"uuid":"0190c0de-0000-7000-8000-000000000001","event":"buy","distinct_id":"ada","timestamp":"2026-01-02 03:04:05.678","properties":"{\"a\":1}"}""")]
    [InlineData("""{"properties":{"a":1},"event_id":"0190c0de-0000-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05.678Z","event":"buy","distinct_id":"ada"}""")]
    public void An_exported_event_keeps_its_ids_time_and_properties(string json)
    {
        ImportedLine line = Read(json);

        JsonObject happened = Event(line);
        Assert.Equal("0190c0de-0000-7000-8000-000000000001", (string?)happened["uuid"]);
        Assert.Equal("ada", (string?)happened["distinct_id"]);
        Assert.Equal(1, (int?)happened["properties"]!["a"]);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), line.Time);
    }

    [Theory]
    [InlineData("1767323045", 0)]
    [InlineData("1767323045678", 678)]
    [InlineData("1767323045.678", 678)]
    [InlineData("\"1767323045678\"", 678)]
    [InlineData("\"2026-01-02 03:04:05.678000\"", 678)]
    [InlineData("\"2026-01-02 04:04:05.678000+01:00\"", 678)]
    [InlineData("\"2026-01-02T03:04:05.678+00\"", 678)]
    [InlineData("\"2026\\/01\\/02 03:04:05\"", 0)]
    [InlineData("\"Fri, 02 Jan 2026 03:04:05 GMT\"", 0)]
    public void A_time_is_read_in_all_formats_that_capture_accepts(string timestamp, int milliseconds) =>
        Assert.Equal(
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, milliseconds, TimeSpan.Zero),
            Read($$"""{"event":"x","distinct_id":"y","timestamp":{{timestamp}}}""").Time);

    [Theory]
    [InlineData("42", "42")]
    [InlineData("12345678901234567890.50", "12345678901234567890.50")]
    [InlineData("true", "true")]
    [InlineData("\"ada\\u0000\"", "\"ada\\u0000\"")]
    public void An_id_is_passed_to_capture_unchanged(string written, string sent) =>
        Assert.Contains(
            $"\"distinct_id\":{sent},",
            Encoding.UTF8.GetString(Read($$"""{"event":"x","distinct_id":{{written}},"timestamp":"2026-01-02"}""").Event.Span),
            StringComparison.Ordinal);

    [Fact]
    public void Odd_values_that_capture_checks_itself_are_passed_to_it_unchanged()
    {
        string sent = Encoding.UTF8.GetString(Read(
            """{"timestamp":"2026-01-02","uuid":7,"properties":{"a":1e2,"a":"\ud800","$b":[1.10]},"event":"x"}""").Event.Span);

        Assert.Contains("\"uuid\":7", sent, StringComparison.Ordinal);
        Assert.Contains("\"a\":1e2,\"a\":\"\\ud800\",\"$b\":[1.10]", sent, StringComparison.Ordinal);
        Assert.Contains("\"properties\":\"{ no\"", Encoding.UTF8.GetString(Read("""{"timestamp":"2026-01-02","properties":"{ no"}""").Event.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{broken", "no_json")]
    [InlineData("{\"a\":1} {\"b\":2}", "no_json")]
    [InlineData("[1]", "not_an_object")]
    [InlineData("7", "not_an_object")]
    [InlineData("""{"event":"x","distinct_id":"y"}""", "no_timestamp")]
    [InlineData("""{"event":"x","distinct_id":"y","timestamp":"yesterday"}""", "no_timestamp")]
    [InlineData("""{"event":"x","distinct_id":"y","timestamp":17}""", "no_timestamp")]
    [InlineData("""{"event":"x","distinct_id":"y","timestamp":{}}""", "no_timestamp")]
    public void An_entry_that_is_not_an_event_is_skipped_with_a_reason(string line, string reason) =>
        Assert.Equal(reason, Read(line).Skipped);

    [Fact]
    public void A_cookieless_visitor_keeps_the_ids_of_the_export()
    {
        JsonObject happened = Event(Read("""
            {"event":"$pageview","distinct_id":"cookieless_abc","timestamp":"2020-01-02","properties":{"$cookieless_mode":true,
            "$device_id":"cookielessd_x","$session_id":"0190c0de-0000-7000-8000-000000000002"}}
            """));

        Assert.Equal("cookieless_abc", (string?)happened["distinct_id"]);
        Assert.Equal("cookielessd_x", (string?)happened["properties"]!["$device_id"]);
        Assert.Equal("0190c0de-0000-7000-8000-000000000002", (string?)happened["properties"]!["$session_id"]);
        // The boolean alone would have the gateway make other ids; for whoever filters by it the text is the same.
        Assert.Equal("\"true\"", happened["properties"]!["$cookieless_mode"]!.ToJsonString());
    }

    [Fact]
    public void An_identified_cookieless_visitor_keeps_its_id() =>
        Assert.Equal("ann", (string?)Event(Read(
            """{"event":"x","distinct_id":"ann","timestamp":"2020-01-02","properties":{"$cookieless_mode":true}}"""))["distinct_id"]);

    [Fact]
    public void The_id_that_all_cookieless_visitors_share_is_replaced_by_the_visitors_own_id()
    {
        Assert.Equal("cookieless_a", (string?)Event(Read(
            """{"event":"x","distinct_id":"$posthog_cookieless","timestamp":"2020-01-02","properties":{"$distinct_id":"cookieless_a"}}"""))["distinct_id"]);
        Assert.Equal("d1", (string?)Event(Read(
            """{"event":"x","distinct_id":"$posthog_cookieless","timestamp":"2020-01-02","properties":{"$device_id":"d1"}}"""))["distinct_id"]);
        Assert.Null(Properties(Read(
            """{"event":"x","distinct_id":"cookieless_a","timestamp":"2020-01-02","properties":{"$device_id":"$posthog_cookieless"}}"""))["$device_id"]);
        Assert.Equal("cookieless_without_id", Read(
            """{"event":"x","distinct_id":"$posthog_cookieless","timestamp":"2020-01-02","properties":{"$device_id":"$posthog_cookieless"}}""").Skipped);
        Assert.Equal("cookieless_without_id", Read("""{"event":"x","timestamp":"2020-01-02","properties":{"distinct_id":"$posthog_cookieless"}}""").Skipped);
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"$ip":null}""", true)]
    [InlineData("""{"$ip":"81.2.69.160"}""", false)]
    [InlineData("""{"$ip":"81.2.69.160","$geoip_country_code":"GB"}""", true)]
    public void The_country_of_an_imported_event_is_not_looked_up_by_the_importers_address(
        string properties, bool disabled) =>
        Assert.Equal(
            disabled ? true : null,
            (bool?)Properties(Read($$"""{"event":"x","distinct_id":"y","timestamp":"2026-01-02","properties":{{properties}}}"""))["$geoip_disable"]);

    [Fact]
    public void An_event_of_this_products_own_export_keeps_its_session_and_device()
    {
        JsonObject properties = Properties(Read("""
            {"session_id":"0190c0de-0000-7000-8000-000000000009","event_id":"0190c0de-0000-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05Z",
            "received_at":"2026-01-02T03:04:06Z","event":"x","distinct_id":"cookieless_y","device_id":null,"properties":{"$device_id":"d","a":1}}
            """));

        Assert.Equal("0190c0de-0000-7000-8000-000000000009", (string?)properties["$session_id"]);
        Assert.Null(properties["$device_id"]);
        Assert.Equal(1, (int?)properties["a"]);
    }

    [Fact]
    public void An_invalid_session_id_stays_a_property() =>
        Assert.Equal("abc", (string?)Properties(Read("""
            {"session_id":"0190c0de-0000-7000-8000-000000000009","event_id":"0190c0de-0000-7000-8000-000000000001","timestamp":"2026-01-02T03:04:05Z",
            "received_at":"2026-01-02T03:04:06Z","event":"x","distinct_id":"y","device_id":null,"properties":{"$session_id":"abc"}}
            """))["$session_id"]);

    [Fact]
    public void The_sender_order_comes_from_the_export_or_else_from_the_position_in_the_file()
    {
        Assert.Equal(70, (long)Event(Read("""{"event":"x","distinct_id":"y","timestamp":"2026-01-02"}""", 70))["sender_order"]!);
        Assert.Equal(3, (long)Event(Read("""{"event":"x","distinct_id":"y","timestamp":"2026-01-02","sender_order":3}""", 70))["sender_order"]!);
    }

    [Fact]
    public void An_event_without_an_id_gets_the_same_id_whatever_its_json_layout()
    {
        string?[] ids =
        [
            .. new[]
            {
                """{"event":"x","distinct_id":"y","timestamp":"2026-01-02","properties":{"a":1}}""",
                """{ "timestamp": 1767312000, "event": "x", "distinct_id": "y", "properties": { "a": 1 } }""",
            }.Select(json => (string?)Event(new ExportedEvent(new Occurrences()).Read(Entry(json)))["uuid"]),
        ];

        Assert.NotNull(ids[0]);
        Assert.Equal(ids[0], ids[1]);
    }

    private static ImportedLine Read(string json, long offset = 0) =>
        Export.Read(new FileEntry(Encoding.UTF8.GetBytes(json), offset, EntryFault.None));
}
