using Sessions.Domain.Folding;


namespace Sessions.Domain.Tests.Folding;

/// <summary>Counts, durations, and the values that a session takes from any of its events.</summary>
public sealed class CountTests
{
    [Fact]
    public void Each_kind_of_event_is_counted_and_so_are_all_events()
    {
        Session session = Folded.View(Stories.Read(
            "$pageview@0 $pageview@1 $screen@2 $autocapture@3 $autocapture@4 $autocapture@5 $identify@6 own@7 $Pageview@8"));

        Assert.Equal((2, 1, 3, 9), (session.PageviewCount, session.ScreenCount, session.AutocaptureCount, session.EventCount));
    }

    [Theory]
    [InlineData("a@0", 0, "one event has no length")]
    [InlineData("a@0 b@0.001", 0.001, "to the millisecond")]
    [InlineData("a@0 b@90061", 90_061, "a client's session may be longer than a day")]
    [InlineData("b@5 c@9 a@0", 9, "a late event may move the start")]
    public void The_duration_is_from_the_earliest_to_the_latest_event(string story, double seconds, string because) =>
        Assert.True(TimeSpan.FromSeconds(seconds) == Folded.View(Stories.Read(story)).Duration, because);

    [Theory]
    [InlineData("$pageview@0=a $pageview@1=a", 1, "the same url twice")]
    [InlineData("$pageview@0=a $pageview@1=b $pageview@2=a", 2, "and again")]
    [InlineData("$pageview@0=a $screen@1=b", 2, "screens count")]
    [InlineData("$pageview@0=a custom@1=b", 1, "other events don't")]
    [InlineData("$pageview@0=a $pageview@1=A", 2, "letter case tells urls apart")]
    [InlineData("$pageview@0=a?x $pageview@1=a#x", 2, "query and fragment too")]
    [InlineData("$pageview@0 $screen@1=", 0, "no url is none")]
    [InlineData("custom@0=a", 0, "no page, no url")]
    public void Each_url_or_screen_is_counted_once(string story, int count, string because) =>
        Assert.True(count == Folded.View(Stories.Read(story)).UniqueUrlCount, because);

    [Fact]
    public void Unique_urls_are_counted_up_to_a_limit()
    {
        SessionState? state = null;
        for (int i = 0; i < SessionFold.MaxUrls + 5; i++)
        {
            state = state.Plus(new Happened("$pageview", i, $$"""{"$current_url":"https://x.org/{{i}}"}"""));
        }

        Assert.Equal(SessionFold.MaxUrls, state!.UrlHashes.Length);
        Assert.Equal(SessionFold.MaxUrls + 5, state.PageviewCount);
    }

    [Fact]
    public void The_external_click_url_comes_from_the_latest_event_that_has_one()
    {
        Session session = Folded.View(
            new Happened("$autocapture", 3, """{"$external_click_url":"https://last.org"}"""),
            new Happened("$autocapture", 1, """{"$external_click_url":"https://first.org"}"""),
            new Happened("$autocapture", 4, """{"$external_click_url":""}"""),
            new Happened("$pageview", 5));
        Assert.Equal("https://last.org", session.LastExternalClickUrl);
    }

    [Fact]
    public void Device_browser_and_system_each_come_from_the_earliest_event_that_has_them()
    {
        Session session = Folded.View(
            new Happened("$pageview", 3, """{"$device_type":"Desktop","$browser":"Firefox","$os":"Linux"}"""),
            new Happened("server", 0),
            new Happened("custom", 2, """{"$device_type":"Mobile","$browser":"null"}"""),
            new Happened("custom", 1, """{"$device_type":""}"""));
        Assert.Equal(("Mobile", "Firefox", "Linux"), (session.DeviceType, session.Browser, session.Os));
    }

    [Fact]
    public void The_distinct_id_is_the_latest_by_time()
    {
        Session session = Folded.View(
            new Happened("a", 5) { DistinctId = "identified" },
            new Happened("b", 0) { DistinctId = "anonymous" });
        Assert.Equal("identified", session.DistinctId);
    }

    [Fact]
    public void The_device_id_comes_from_the_earliest_event_that_has_one()
    {
        Session session = Folded.View(
            new Happened("late", 9) { DeviceId = "tablet" },
            new Happened("early", 5) { DeviceId = "phone" },
            new Happened("server", 0) { DeviceId = null });
        Assert.Equal("phone", session.DeviceId);
    }
}
