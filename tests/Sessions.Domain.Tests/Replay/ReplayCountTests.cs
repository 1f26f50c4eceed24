using System.Text;
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
    public void An_rrweb_event_counts_as_what_it_is(string json, string counted)
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
    public void Active_time_is_what_a_person_does_and_up_to_five_seconds_of_rest(string story, long expected)
    {
        string[] events =
        [
            .. story.Split(' ').Select(one =>
                $$$"""{"timestamp":{{{1_000_000 + int.Parse(one[1..])}}},"type":3,"data":{"source":{{{(one[0] == 'a' ? 5 : 0)}}}}}"""),
        ];

        Assert.Equal(expected, Summary(events).ActiveMs);
    }

    [Fact]
    public void The_first_address_is_the_first_that_a_page_or_a_page_event_names()
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
    public void What_has_no_time_is_no_event(string json) =>
        Assert.False(ReplayFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void A_summary_is_read_back_as_it_was_written_and_one_that_cannot_be_is_not_read()
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
