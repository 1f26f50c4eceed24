using Sessions.Domain.Folding;


namespace Sessions.Domain.Tests.Folding;

/// <summary>A visit is a bounce when it shows one page, nothing is clicked, and it is over within ten seconds.</summary>
public sealed class BounceTests
{
    [Theory]
    [InlineData("$pageview@0", true, "one page")]
    [InlineData("$screen@0", true, "one screen")]
    [InlineData("$pageview@0 leave@9.999", true, "just under ten seconds")]
    [InlineData("$pageview@0 leave@10", false, "exactly ten seconds")]
    [InlineData("$pageview@0 leave@10.001", false, "just over ten seconds")]
    [InlineData("server@-10 $pageview@0", false, "any event makes it longer, also one before the page")]
    [InlineData("$pageview@0 click@5", true, "an event of another name changes nothing")]
    [InlineData("$pageview@0 $pageview@1", false, "two pages")]
    [InlineData("$pageview@0 $pageview@0", false, "two pages at the same time")]
    [InlineData("$screen@0 $screen@1", false, "two screens")]
    [InlineData("$pageview@0 $screen@1", false, "one page and one screen")]
    [InlineData("$pageview@0 $autocapture@1", false, "a page and a click")]
    [InlineData("$autocapture@0", null, "a click and no page")]
    [InlineData("$autocapture@0 $autocapture@60", null, "clicks and no page, however long")]
    [InlineData("server@0 server@3600", null, "no page at all")]
    public void A_session_is_a_bounce_with_one_page_no_click_and_less_than_10_seconds(
        string story, bool? bounce, string because) =>
        Assert.True(bounce == Folded.View(Stories.Read(story)).IsBounce, because);

    [Theory]
    [InlineData(29.999, true)]
    [InlineData(30, false)]
    [InlineData(30.001, false)]
    public void The_project_setting_decides_how_long_a_bounce_may_be(double seconds, bool bounce)
    {
        SessionRules rules = new() { BounceDuration = TimeSpan.FromSeconds(30) };
        Assert.Equal(bounce, SessionView.IsBounce(Folded.Of(new Happened("$pageview", 0), new Happened("leave", seconds)), rules));
    }
}
