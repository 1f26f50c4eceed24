using System.Globalization;
using System.Text.Json;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Folding;

/// <summary>
/// Sessions of apps. A screen is to an app what a page is to a site, and has a name in place of a URL. A session's
/// entry, exit, number of pages and bounce come from screens as they come from pages, also when both are mixed, and
/// whether a screen has a name, a URL, both or neither.
/// </summary>
public sealed class ScreenTests
{
    // name@second, with ~screen and =url after it
    [Theory]
    [InlineData("$screen@0~Home $screen@1~Cart $screen@2~Home", "Home Home", "Home Home", "- -", 2, false)]
    [InlineData("$screen@2~Paid $screen@0~Home $screen@1~Cart", "Home Paid", "Home Paid", "- -", 3, false)] // in whatever order they come
    [InlineData("$screen@0~Home", "Home Home", "Home Home", "- -", 1, true)]
    [InlineData("$screen@0", "- -", "- -", "- -", 0, true)] // a screen without a name
    [InlineData("$screen@0 $screen@1~Cart", "- Cart", "- Cart", "- -", 1, false)]
    [InlineData("$screen@0~null $screen@1~Cart $screen@2~null", "- -", "- -", "- -", 1, false)] // the word null is none
    [InlineData("$screen@0~shop/cart $screen@1~/settings", "shop/cart /settings", "shop/cart /settings", "- -", 2, false)]
    // A screen with a URL keeps what the URL says, and its name.
    [InlineData("$screen@0~Home=app://x/start $screen@1~Cart", "Home Cart", "/start Cart", "app://x/start -", 2, false)]
    [InlineData("$screen@0~Home=app://x/a $screen@1~Home=app://x/b", "Home Home", "/a /b", "app://x/a app://x/b", 2, false)]
    [InlineData("$screen@0~Home=home", "Home Home", "- -", "home home", 1, true)] // a URL without a path
    [InlineData("$screen@0~Home=null", "Home Home", "Home Home", "- -", 1, true)]
    // Pages and screens in one session.
    [InlineData("$pageview@0=https://x.org/a $screen@1~Cart", "- Cart", "/a Cart", "https://x.org/a -", 2, false)]
    [InlineData("$screen@0~Home $pageview@1=https://x.org/a", "Home -", "Home /a", "- https://x.org/a", 2, false)]
    [InlineData("$pageview@0~Home=https://x.org/a", "- -", "/a /a", "https://x.org/a https://x.org/a", 1, true)] // a page is no screen
    [InlineData("$pageview@0~Home", "- -", "- -", "- -", 0, true)] // not even without a URL
    [InlineData("$pageview@0=https://x.org/a $screen@1~https://x.org/a", "- https://x.org/a", "/a https://x.org/a", "https://x.org/a -", 1, false)]
    // SDKs send the screen with other events too; with a page or screen in the session those tell nothing of it.
    [InlineData("opened@0~Home $screen@1~Cart closed@2~Paid", "Cart Cart", "Cart Cart", "- -", 1, true)]
    [InlineData("$autocapture@0~Home $autocapture@1~Cart", "Home Cart", "- -", "- -", 0, null)]
    public void Screens_give_entry_exit_count_and_bounce_as_pages_do(
        string story, string screens, string paths, string urls, int pages, bool? bounce)
    {
        Session session = Folded.View([.. story.Split(' ').Select(Read)]);

        Assert.Equal(
            (screens, paths, urls, pages, bounce),
            ($"{session.EntryScreenName ?? "-"} {session.ExitScreenName ?? "-"}",
                $"{session.EntryPathname ?? "-"} {session.ExitPathname ?? "-"}",
                $"{session.EntryCurrentUrl ?? "-"} {session.ExitCurrentUrl ?? "-"}",
                session.UniqueUrlCount,
                session.IsBounce));
        Assert.Null(session.EntryCurrentUrl is null ? session.EntryHostname : null);
    }

    [Fact]
    public void A_too_long_screen_name_is_cut_to_the_same_text_in_every_field()
    {
        string name = new('n', EventFactsReader.MaxTextLength + 100);
        Session session = Folded.View(Read($"$screen@0~{name}", 0), Read($"$screen@1~{name}", 1));

        string kept = name[..EventFactsReader.MaxTextLength];
        Assert.Equal((kept, kept, kept, kept), (session.EntryScreenName, session.ExitScreenName, session.EntryPathname, session.ExitPathname));
        Assert.Equal(1, session.UniqueUrlCount);
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("true", "true")]
    [InlineData("\"\"", null)]
    [InlineData("null", null)]
    [InlineData("""["Home"]""", null)]
    [InlineData("""{"name":"Home"}""", null)]
    public void A_screen_name_is_read_from_a_text_a_number_or_a_boolean(string json, string? expected) =>
        Assert.Equal(expected, Folded.View(new Happened("$screen", 0, $$"""{"$screen_name":{{json}}}""")).EntryScreenName);

    private static Happened Read(string text, int index)
    {
        string[] url = text.Split('=', 2);
        string[] screen = url[0].Split('~', 2);
        string[] name = screen[0].Split('@');
        var properties = new Dictionary<string, string>();
        if (screen.Length > 1)
        {
            properties["$screen_name"] = screen[1];
        }

        if (url.Length > 1)
        {
            properties["$current_url"] = url[1];
        }

        return new Happened(name[0], int.Parse(name[1], CultureInfo.InvariantCulture), JsonSerializer.Serialize(properties))
        {
            Id = new Guid(index + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
        };
    }
}
