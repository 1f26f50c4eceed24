using System.IO.Compression;
using System.Text;
using CsCheck;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Domain.Tests.Replay.Clicks;

/// <summary>Rage and dead clicks in recorded events. The page has a button 10, a link 20, and a text 30 that does nothing.</summary>
public sealed class ClickSearchTests
{
    private const string Page = """
        {"node":{"type":0,"id":1,"childNodes":[{"type":2,"tagName":"body","attributes":{},"id":2,"childNodes":[
        {"type":2,"tagName":"button","attributes":{"class":"big"},"childNodes":[{"type":2,"tagName":"svg","attributes":{},"childNodes":[],"id":12},{"type":3,"textContent":"Buy","id":11}],"id":10},
        {"type":2,"tagName":"a","attributes":{"href":"https://x.org/"},"childNodes":[{"type":3,"textContent":"Go","id":21}],"id":20},
        {"type":2,"tagName":"p","attributes":{},"childNodes":[],"id":30},
        {"type":2,"tagName":"div","attributes":{"role":"button"},"childNodes":[],"id":40},
        {"type":2,"tagName":"input","attributes":{"type":"text"},"childNodes":[],"id":50},
        {"type":2,"tagName":"a","attributes":{"href":"/other","target":"_blank"},"childNodes":[],"id":60},
        {"id":70,"tagName":"span","attributes":{"onclick":"go()"},"childNodes":[],"type":2}]}]},"initialOffset":{"top":0,"left":0}}
        """;

    private const string Mutation = """{"source":0,"texts":[{"id":11,"value":"Bought"}],"attributes":[],"removes":[],"adds":[]}""";

    [Theory]
    [InlineData("10 0 0, 10 100 0, 10 200 0", 1)]
    [InlineData("10 0 0, 10 500 20, 10 1000 30", 1)]
    [InlineData("10 0 0, 10 500 0, 10 1001 0", 0)]
    [InlineData("10 0 0, 10 100 31, 10 200 0", 0)]
    [InlineData("10 0 0, 10 100 20, 10 200 40", 0)]
    [InlineData("10 0 0, 10 100 0", 0)]
    [InlineData("30 0 0, 30 100 0, 30 200 0", 1)]
    [InlineData("30 0 0, 30 100 0, 30 200 0, 30 300 0, 30 400 0, 30 500 0, 30 600 0", 1)]
    [InlineData("30 0 0, 30 100 0, 30 200 0, 30 5000 0, 30 5100 0, 30 5200 0", 2)]
    [InlineData("30 0 0, 30 100 0, 30 200 0, 30 300 500, 30 400 500, 30 500 500", 2)]
    public void Three_clicks_at_one_place_within_a_second_are_a_rage_click_and_those_that_follow_belong_to_it(string clicks, int rage) =>
        Assert.Equal(rage, Find([(0, 2, Page), .. Clicks(clicks)]).Rage);

    [Theory]
    [InlineData(10, 1)]
    [InlineData(11, 1)]
    [InlineData(12, 1)]
    [InlineData(40, 1)]
    [InlineData(70, 1)]
    [InlineData(30, 0)]
    [InlineData(50, 0)]
    [InlineData(60, 0)]
    [InlineData(999, 0)]
    public void Only_a_click_on_something_clickable_may_be_dead(int node, int dead) =>
        Assert.Equal(dead, Find([(0, 2, Page), (100, 3, Click(node)), (9_000, 3, Move)]).Dead);

    [Theory]
    [InlineData(0, Mutation, 0)]
    [InlineData(2_500, Mutation, 0)]
    [InlineData(2_501, Mutation, 1)]
    [InlineData(-1, Mutation, 1)]
    [InlineData(50, """{"source":3,"id":1,"x":0,"y":300}""", 0)]
    [InlineData(900, """{"source":3,"id":1,"x":0,"y":300}""", 1)]
    [InlineData(900, """{"source":1,"positions":[]}""", 1)]
    [InlineData(900, """{"source":5,"id":50,"text":"x","isChecked":true}""", 0)]
    [InlineData(900, """{"source":8,"id":9,"adds":[]}""", 0)]
    public void A_click_is_dead_when_nothing_changed_within_two_and_a_half_seconds(long afterMs, string change, int dead) =>
        Assert.Equal(dead, Find([(0, 2, Page), (5_000, 3, Click(10)), (5_000 + afterMs, 3, change)]).Dead);

    [Fact]
    public void A_click_is_dead_also_when_the_recording_ends_with_it() =>
        Assert.Equal(1, Find([(0, 2, Page), (5_000, 3, Click(10))]).Dead);

    [Fact]
    public void A_link_is_dead_only_when_its_page_is_still_there_afterwards()
    {
        Assert.Equal(0, Find([(0, 2, Page), (5_000, 3, Click(21))]).Dead);
        Assert.Equal(0, Find([(0, 2, Page), (5_000, 3, Click(21)), (6_000, 4, """{"href":"https://x.org/b"}"""), (6_001, 2, Page)]).Dead);
        Assert.Equal(1, Find([(0, 2, Page), (5_000, 3, Click(21)), (8_000, 3, Move)]).Dead);
    }

    [Fact]
    public void Several_clicks_at_once_on_one_element_are_one_dead_click()
    {
        ReplayClicks found = Find([(0, 2, Page), .. Clicks("10 5000 0, 11 5200 0, 12 5400 0, 10 9000 0")]);

        Assert.Equal((1, 2), (found.Rage, found.Dead));
    }

    [Fact]
    public void Elements_that_were_added_moved_and_removed_are_known()
    {
        const string add = """{"source":0,"texts":[],"attributes":[],"removes":[],"adds":[{"parentId":30,"nextId":null,"node":{"type":2,"tagName":"button","attributes":{},"childNodes":[],"id":80}}]}""";
        const string move = """{"source":0,"texts":[],"attributes":[],"removes":[{"parentId":2,"id":30}],"adds":[{"node":{"type":2,"tagName":"p","attributes":{},"childNodes":[],"id":30},"nextId":null,"parentId":10}]}""";
        const string remove = """{"source":0,"texts":[],"attributes":[],"removes":[{"parentId":2,"id":10}],"adds":[]}""";

        Assert.Equal(1, Find([(0, 2, Page), (1, 3, add), (9_000, 3, Click(80))]).Dead);
        Assert.Equal(1, Find([(0, 2, Page), (1, 3, move), (9_000, 3, Click(30))]).Dead);
        Assert.Equal(0, Find([(0, 2, Page), (1, 3, remove), (9_000, 3, Click(11))]).Dead);
    }

    [Fact]
    public void Compressed_pages_and_changes_are_read()
    {
        var search = new ClickSearch(1 << 20);
        Take(search, $$"""{"type":2,"timestamp":1000,"cv":"2024-10","data":{{Zip(Page)}}}""");
        Take(search, $$$"""{"type":3,"timestamp":1001,"cv":"2024-10","data":{"source":0,"texts":[],"attributes":[],"removes":[],"adds":{{{Zip("""[{"parentId":30,"nextId":null,"node":{"type":2,"tagName":"button","attributes":{},"childNodes":[],"id":80}}]""")}}}}}""");
        Take(search, Event(9_000, 3, Click(80)));
        Take(search, Event(19_000, 3, Click(11)));

        Assert.Equal(2, search.Found(1).Dead);
    }

    [Theory]
    [InlineData("""{"wireframes":[{"id":1,"type":"text"}],"initialOffset":{"top":0,"left":0}}""")]
    [InlineData("""{"initialOffset":{"top":0,"left":0},"wireframes":[]}""")]
    public void Where_clicks_have_no_targets_nothing_is_found(string screen) =>
        Assert.Equal((0, 0), Counts(Find([(0, 2, screen), .. Clicks("10 5000 0, 10 5100 0, 10 5200 0")])));

    [Fact]
    public void The_same_click_in_two_snapshots_counts_once()
    {
        (long, int, string)[] clicks = [.. Clicks("10 5000 0, 10 5100 0")];

        Assert.Equal((0, 1), Counts(Find([(0, 2, Page), .. clicks, .. clicks])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":3,"timestamp":5,"data":null}""")]
    [InlineData("""{"type":3,"timestamp":5}""")]
    [InlineData("""{"type":2,"timestamp":5,"data":{"node":[1,{"childNodes":{"a":[]}}]}}""")]
    [InlineData("""{"type":2,"timestamp":5,"data":{"node":{"id":"x","childNodes":[7,[{}],null],"tagName":[1],"attributes":"no"}}}""")]
    [InlineData("""{"type":3,"timestamp":5,"data":{"source":0,"adds":[3,{"node":null,"parentId":{}}],"removes":{"id":1}}}""")]
    [InlineData("""{"type":3,"timestamp":5,"data":{"source":2,"type":2,"id":1e99,"x":"a"}}""")]
    [InlineData("""{"type":2,"timestamp":5,"data":{"node":{"id":1,"childNodes":[{"id":2""")]
    public void Events_that_no_recorder_writes_say_nothing_and_what_follows_counts(string damaged)
    {
        var search = new ClickSearch(1 << 20);
        Take(search, damaged);
        Take(search, Event(1_000, 2, Page));
        Take(search, Event(5_000, 3, Click(10)));

        Assert.Equal((0, 1), Counts(search.Found(1)));
    }

    [Fact]
    public void A_page_with_a_million_elements_takes_no_more_memory_than_the_limit()
    {
        var children = new StringBuilder();
        for (int id = 1_000; id < 301_000; id++)
        {
            children.Append(id > 1_000 ? "," : "").Append($$$"""{"type":2,"tagName":"a","attributes":{"href":"#"},"childNodes":[],"id":{{{id}}}}""");
        }

        var search = new ClickSearch(1 << 20);
        Take(search, Event(1_000, 2, $$$"""{"node":{"type":0,"id":1,"childNodes":[{{{children}}}]}}"""));
        Take(search, Event(5_000, 3, Click(1_005)));
        Take(search, Event(9_000, 3, Click(300_999)));

        Assert.Equal(1, search.Found(1).Dead);
    }

    [Fact]
    public void Any_order_and_any_duplication_of_clicks_and_changes_give_the_same_clicks() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 3], Gen.Long[5_000, 12_000], Gen.Int[0, 60], Gen.Int[0, 2]).Array[0, 30], Gen.Int).Sample(
            (happened, seed) =>
            {
                (long, int, string)[] events =
                [
                    .. happened.Select(one => (one.Item2, 3, one.Item1 switch
                    {
                        0 => Mutation,
                        1 => """{"source":3,"id":1,"x":0,"y":300}""",
                        _ => Click(one.Item4 switch { 0 => 10, 1 => 30, _ => 40 }, one.Item3),
                    })),
                ];
                (long, int, string)[] other = [.. events, .. events.Take(events.Length / 2)];
                new Random(seed).Shuffle(other);
                ReplayClicks one = Find([(0, 2, Page), .. events]);
                ReplayClicks two = Find([(0, 2, Page), .. other]);
                Assert.Equal(Counts(one), Counts(two));
                Assert.Equal(one.Places ?? [], two.Places ?? []);
                Assert.Equal(NaiveDead(events), one.Dead);
            },
            iter: Laws.Cases);

    /// <summary>Dead clicks by the words of the rule.</summary>
    private static int NaiveDead((long Ms, int, string Data)[] events)
    {
        long[] changes = [.. events.Where(one => one.Data == Mutation).Select(one => one.Ms)];
        long[] scrolls = [.. events.Where(one => one.Data.Contains("\"source\":3", StringComparison.Ordinal)).Select(one => one.Ms)];
        return new[] { 10, 40 }.Sum(node =>
        {
            long[] dead =
            [
                .. events.Where(one => one.Data.Contains($"\"id\":{node},", StringComparison.Ordinal)).Select(one => one.Ms).Distinct().Order()
                    .Where(ms => !changes.Any(change => change >= ms && change <= ms + 2_500) && !scrolls.Any(scroll => scroll >= ms && scroll <= ms + 100)),
            ];
            return dead.Where((ms, place) => place == 0 || ms - dead[place - 1] >= 1_000).Count();
        });
    }

    private const string Move = """{"source":1,"positions":[{"x":1,"y":2,"id":10,"timeOffset":0}]}""";

    private static string Click(int node, int x = 5) => $$"""{"source":2,"type":2,"id":{{node}},"x":{{x}},"y":7}""";

    private static IEnumerable<(long, int, string)> Clicks(string clicks) => clicks.Split(", ").Select(click =>
    {
        string[] parts = click.Split(' ');
        return (long.Parse(parts[1], null) + 4_000, 3, Click(int.Parse(parts[0], null), int.Parse(parts[2], null)));
    });

    private static ReplayClicks Find(IEnumerable<(long Ms, int Type, string Data)> events)
    {
        var search = new ClickSearch(1 << 20);
        foreach ((long ms, int type, string data) in events)
        {
            Take(search, Event(ms, type, data));
        }

        return search.Found(upTo: 1);
    }

    private static (int Rage, int Dead) Counts(ReplayClicks found) => (found.Rage, found.Dead);

    private static string Event(long ms, int type, string data) => $$"""{"type":{{type}},"data":{{data}},"timestamp":{{ms + 1_000_000}}}""";

    private static void Take(ClickSearch search, string rrweb) => search.Take("window", 0, Encoding.UTF8.GetBytes(rrweb));

    private static string Zip(string json)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(json));
        }

        return System.Text.Json.JsonSerializer.Serialize(Encoding.Latin1.GetString(zipped.ToArray()));
    }
}
