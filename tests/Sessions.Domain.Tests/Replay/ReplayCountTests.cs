using System.Text;
using System.Text.Json;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Tests.Replay;

public sealed class ReplayCountTests
{
    [Theory]
    [InlineData("""{"type":3,"data":{"source":2,"type":2}}""", "click mouse")]
    [InlineData("""{"type":3,"data":{"source":2,"type":3}}""", "click mouse")] // context menu
    [InlineData("""{"type":3,"data":{"source":2,"type":4}}""", "click mouse")] // double click
    [InlineData("""{"type":3,"data":{"source":2,"type":9}}""", "click mouse")] // touch end
    [InlineData("""{"type":3,"data":{"source":2,"type":1}}""", "mouse")] // mouse down
    [InlineData("""{"type":3,"data":{"source":1}}""", "mouse")]
    [InlineData("""{"type":3,"data":{"source":6}}""", "mouse")]
    [InlineData("""{"type":3,"data":{"source":5}}""", "key")]
    [InlineData("""{"type":3,"data":{"source":3}}""", "")] // scroll
    [InlineData("""{"type":2,"data":{"source":5}}""", "")] // only incremental ones count
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":"error"}}}""", "error")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":"assert"}}}""", "error")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":"warn"}}}""", "warn")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":"countReset"}}}""", "warn")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{"level":"whatever"}}}""", "log")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/console@1","payload":{}}}""", "log")]
    [InlineData("""{"type":6,"data":{"plugin":"rrweb/network@1","payload":{"level":"error"}}}""", "")]
    public void Each_kind_of_rrweb_event_is_counted(string json, string counted)
    {
        ReplaySummary summary = Summary([json.Insert(1, "\"timestamp\":1000,")]);

        string found = string.Join(' ', new[]
        {
            (summary.Clicks, "click"), (summary.Keypresses, "key"), (summary.MouseActivity, "mouse"),
            (summary.ConsoleLogs, "log"), (summary.ConsoleWarns, "warn"), (summary.ConsoleErrors, "error"),
        }.Where(one => one.Item1 == 1).Select(one => one.Item2));
        Assert.Equal(counted, found);
    }

    [Theory]
    [InlineData("a0", 1)] // one thing lasts a millisecond
    [InlineData("a0 a3000", 3_000)]
    [InlineData("a0 p4000 a5000", 5_000)] // at the threshold it goes on
    [InlineData("a0 p4000 a5001", 4_001)] // beyond it another begins
    [InlineData("p0 a1000 p2000", 1_000)] // it begins with what a person does
    [InlineData("a0 p5000 p5001", 5_000)]
    [InlineData("p0 p1000", 0)]
    public void Active_time_is_the_persons_actions_with_pauses_of_up_to_5_seconds(string story, long expected)
    {
        string[] events =
        [
            .. story.Split(' ').Select(one =>
                $$$"""{"timestamp":{{{1_000_000 + int.Parse(one[1..])}}},"type":3,"data":{"source":{{{(one[0] == 'a' ? 5 : 0)}}}}}"""),
        ];

        Assert.Equal(expected, Summary(events).ActiveMs);
    }

    [Fact]
    public void The_first_url_is_the_first_one_in_a_Meta_event_or_a_page_event()
    {
        Assert.Equal(
            "https://shop.example/a",
            Summary([
                """{"timestamp":1,"type":5,"data":{"tag":"other","payload":{"href":"https://shop.example/no"}}}""",
                """{"timestamp":2,"type":5,"data":{"tag":"$pageview","payload":{"href":" https://shop.example/a "}}}""",
                """{"timestamp":3,"type":4,"data":{"href":"https://shop.example/b"}}""",
            ]).FirstUrl);
    }

    [Theory]
    [InlineData("""{"type":3}""")]
    [InlineData("""{"timestamp":0}""")]
    [InlineData("""{"timestamp":-5}""")]
    [InlineData("""{"timestamp":"1000"}""")]
    [InlineData("""{"timestamp":1e300}""")]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("{")]
    public void An_rrweb_event_without_a_time_is_not_read(string json) =>
        Assert.False(ReplayFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void A_summary_is_read_back_as_it_was_written_and_a_broken_one_is_not_read()
    {
        ReplaySummary summary = Summary(["""{"timestamp":1000,"type":4,"data":{"href":"https://shop.example/é"}}"""]) with
        {
            Source = "web",
            Library = "posthog-js",
        };

        Assert.True(ReplaySummary.TryRead(summary.Write(), out ReplaySummary? read));
        Assert.Equal(summary, read);
        Assert.False(ReplaySummary.TryRead((summary with { EndMs = 1 }).Write(), out _));
        Assert.False(ReplaySummary.TryRead("{}"u8, out _));
        Assert.False(ReplaySummary.TryRead("[]"u8, out _));
    }

    [Fact]
    public void A_summary_counts_each_kind_and_corrects_times_to_the_servers_clock()
    {
        var block = Guid.CreateVersion7();
        ReplayFacts[] events =
        [
            new(1_000, 3, 2, 2, ConsoleLevel.None, null),
            new(2_000, 3, 5, -1, ConsoleLevel.Log, "https://a.example"),
            new(3_000, 3, 1, -1, ConsoleLevel.Warn, "https://b.example"),
            new(4_000, 3, 5, -1, ConsoleLevel.Error, null),
        ];

        Assert.Equal(
            new ReplaySummary
            {
                Block = block,
                Born = new DateOnly(2026, 3, 1),
                StartMs = 1_500,
                EndMs = 4_500,
                SkewMs = 500,
                Clicks = 1,
                Keypresses = 2,
                MouseActivity = 2,
                ActiveMs = 3_000,
                ConsoleLogs = 1,
                ConsoleWarns = 1,
                ConsoleErrors = 1,
                Events = 4,
                Bytes = 70,
                FirstUrl = "https://a.example",
                FullSnapshots = 0,
            },
            ReplaySummary.Of(block, new DateOnly(2026, 3, 1), 500, events, 70));
    }

    [Theory]
    [InlineData(1_000, -1_000, 1)] // the first millisecond
    [InlineData(1_000, 500, 1_500)]
    [InlineData(ReplayFactsReader.MaxTimeMs, 1, ReplayFactsReader.MaxTimeMs)] // the last one
    public void A_corrected_client_time_stays_within_the_valid_times(long timeMs, long skewMs, long expected) =>
        Assert.Equal(expected, ReplaySummary.Shift(timeMs, skewMs));

    [Theory]
    [InlineData("start_ms", 1, true, "the first millisecond")]
    [InlineData("start_ms", 0, false, "before it")]
    [InlineData("end_ms", 5, true, "as long as nothing")]
    [InlineData("end_ms", 4, false, "it ends before it starts")]
    [InlineData("end_ms", ReplayFactsReader.MaxTimeMs, true, "the last millisecond")]
    [InlineData("end_ms", ReplayFactsReader.MaxTimeMs + 1, false, "after it")]
    [InlineData("events", 1, true, "one event")]
    [InlineData("events", 0, false, "no event")]
    [InlineData("bytes", 0, true, "no bytes")]
    [InlineData("bytes", -1, false, "less than none")]
    [InlineData("active_ms", 0, true, "nobody is active")]
    [InlineData("active_ms", -1, false, "less than that")]
    [InlineData("clicks", 0, true, "no click")]
    [InlineData("clicks", -1, false, "less than none")]
    [InlineData("keypresses", 0, true, "no key")]
    [InlineData("keypresses", -1, false, "less than none")]
    [InlineData("mouse_activity", 0, true, "no mouse")]
    [InlineData("mouse_activity", -1, false, "less than none")]
    [InlineData("console_logs", 0, true, "no message")]
    [InlineData("console_logs", -1, false, "less than none")]
    [InlineData("console_warns", 0, true, "no warning")]
    [InlineData("console_warns", -1, false, "less than none")]
    [InlineData("console_errors", 0, true, "no error")]
    [InlineData("console_errors", -1, false, "less than none")]
    public void A_summary_with_an_impossible_value_is_not_read(string field, long value, bool isRead, string because)
    {
        Dictionary<string, object> fields = new()
        {
            ["block"] = Guid.NewGuid(),
            ["born"] = "2026-03-01",
            ["start_ms"] = 5,
            ["end_ms"] = 10,
            ["events"] = 2,
            ["bytes"] = 100,
            ["clicks"] = 1,
            ["keypresses"] = 1,
            ["mouse_activity"] = 1,
            ["active_ms"] = 1,
            ["console_logs"] = 1,
            ["console_warns"] = 1,
            ["console_errors"] = 1,
            [field] = value,
        };

        Assert.True(isRead == ReplaySummary.TryRead(JsonSerializer.SerializeToUtf8Bytes(fields), out _), because);
    }

    private static ReplaySummary Summary(string[] events) => ReplaySummary.Of(
        Guid.NewGuid(),
        new DateOnly(2026, 3, 1),
        0,
        [.. events.Select(json =>
        {
            Assert.True(ReplayFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out ReplayFacts facts));
            return facts;
        })],
        100);
}
