
namespace Sessions.Domain.Tests.Folding;

/// <summary>
/// The start page is the earliest pageview or screen, or the earliest event when there is neither. The exit page is the
/// latest.
/// </summary>
public sealed class StartAndExitPageTests
{
    [Theory]
    [InlineData("$pageview@0=a $pageview@1=b $pageview@2=c", "a", "c", "the first and the last page")]
    [InlineData("$pageview@2=c $pageview@0=a $pageview@1=b", "a", "c", "in whatever order they come")]
    [InlineData("$pageview@1=b", "b", "b", "one page is both")]
    [InlineData("custom@0=x $pageview@1=a", "a", "a", "a page goes before an earlier event")]
    [InlineData("$pageview@1=a custom@2=x", "a", "a", "and a later one")]
    [InlineData("custom@0=x $pageview@1=a custom@2=y", "a", "a", "on both sides")]
    [InlineData("$screen@0=s $pageview@1=a", "s", "a", "a screen is a page")]
    [InlineData("$pageview@0=a $screen@1=s", "a", "s", "at the end too")]
    [InlineData("custom@0=x custom@1=y", "x", "y", "without pages the events themselves")]
    [InlineData("custom@1=y custom@0=x", "x", "y", "in whatever order they come")]
    [InlineData("$pageview@0=a $pageview@0=b", "a", "b", "ties go by event id")]
    [InlineData("$screen@0 $pageview@1=a", null, "a", "a screen without url gives none, and no other event does")]
    [InlineData("$pageview@0=a $screen@1", "a", null, "at the end too")]
    [InlineData("custom@0=x $screen@1", null, null, "not even one that has a url")]
    [InlineData("$pageview@0= $pageview@1=null", null, null, "an empty one and the word null are none")]
    public void Entry_and_exit_urls_come_from_the_first_and_the_last_page(
        string story, string? entry, string? exit, string because)
    {
        Session session = Folded.View(Stories.Read(story));
        Assert.True((entry, exit) == (session.EntryCurrentUrl, session.ExitCurrentUrl), because);
    }

    [Fact]
    public void Pages_of_the_same_time_are_ordered_by_event_id_whatever_their_arrival()
    {
        Happened[] twins = Stories.Read("$pageview@0=a $pageview@0=b");
        Session session = Folded.View([.. twins.Reverse()]);
        Assert.Equal(("a", "b"), (session.EntryCurrentUrl, session.ExitCurrentUrl));
    }

    [Theory]
    [InlineData(1, 2, "a", "b", "the smaller one comes first")]
    [InlineData(2, 1, "b", "a", "whatever the ids say")]
    [InlineData(0, 3_000_000_000, "a", "b", "none is the smallest")]
    [InlineData(7, 7, "a", "b", "with the same one the ids decide")]
    public void Pages_of_the_same_time_are_ordered_by_the_senders_order_before_the_event_id(
        long first, long second, string entry, string exit, string because)
    {
        Happened[] twins = Stories.Read("$pageview@0=a $pageview@0=b");
        twins = [twins[0] with { SenderOrder = first }, twins[1] with { SenderOrder = second }];

        foreach (Happened[] arriving in (Happened[][])[twins, [.. twins.Reverse()]])
        {
            Session session = Folded.View(arriving);
            Assert.True((entry, exit) == (session.EntryCurrentUrl, session.ExitCurrentUrl), because);
        }
    }

    [Fact]
    public void Campaign_ad_ids_and_referrer_come_from_the_start_page_alone()
    {
        Session session = Folded.View(
            new Happened("custom", 0, """{"utm_source":"early","gclid":"early"}"""),
            new Happened("$pageview", 1, """{"utm_medium":"cpc","fbclid":"f","utm_term":"","msclkid":"null","$referring_domain":"x.org"}"""),
            new Happened("$pageview", 2, """{"utm_source":"late","utm_campaign":"late","utm_content":"late","gclid":"late"}"""));

        Assert.Equal(("cpc", "x.org"), (session.EntryUtmMedium, session.EntryReferringDomain));
        Assert.Null(session.EntryUtmSource);
        Assert.Null(session.EntryUtmCampaign);
        Assert.Null(session.EntryUtmContent);
        Assert.Null(session.EntryUtmTerm);
        Assert.Equal([KeyValuePair.Create("fbclid", "f")], session.EntryAdIds);
    }

    [Fact]
    public void Every_property_of_the_start_page_is_shown()
    {
        string adIds = string.Concat(AdIds.Names.Select(name => $",\"{name}\":\"value of {name}\""));
        Session session = Folded.View(new Happened("$pageview", 0, $$"""
            {"$current_url":"https://x.org:8/a/b?c#d","$referring_domain":"r.org","utm_source":"1","utm_campaign":"2",
             "utm_medium":"3","utm_term":"4","utm_content":"5"{{adIds}}}
            """));

        Assert.Equal(("https://x.org:8/a/b?c#d", "/a/b", "x.org"), (session.EntryCurrentUrl, session.EntryPathname, session.EntryHostname));
        Assert.Equal(("https://x.org:8/a/b?c#d", "/a/b", "x.org"), (session.ExitCurrentUrl, session.ExitPathname, session.ExitHostname));
        Assert.Equal("r.org", session.EntryReferringDomain);
        Assert.Equal(("1", "2", "3"), (session.EntryUtmSource, session.EntryUtmCampaign, session.EntryUtmMedium));
        Assert.Equal(("4", "5"), (session.EntryUtmTerm, session.EntryUtmContent));
        Assert.Equal(AdIds.Names.ToDictionary(name => name, name => $"value of {name}"), session.EntryAdIds);
    }
}
