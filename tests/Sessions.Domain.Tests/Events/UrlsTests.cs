using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

/// <summary>The path has no query and no fragment. The host has no user and no port, and is in lower case.</summary>
public sealed class UrlsTests
{
    [Theory]
    [InlineData("https://x.org/a/b", "/a/b", "x.org", "a plain one")]
    [InlineData("https://x.org", "/", "x.org", "no path")]
    [InlineData("https://x.org/", "/", "x.org", "an empty path")]
    [InlineData("https://x.org?a=/b", "/", "x.org", "no path before a query with a slash")]
    [InlineData("https://x.org#/b", "/", "x.org", "no path before a fragment with a slash")]
    [InlineData("https://x.org/a?b=c/d", "/a", "x.org", "a query")]
    [InlineData("https://x.org/a#b?c", "/a", "x.org", "a fragment")]
    [InlineData("https://x.org/a?b#c", "/a", "x.org", "both")]
    [InlineData("https://x.org/a/", "/a/", "x.org", "a slash at the end stays")]
    [InlineData("https://x.org//a", "//a", "x.org", "two slashes stay")]
    [InlineData("https://x.org/%C3%A4", "/%C3%A4", "x.org", "escapes stay")]
    [InlineData("https://x.org/ä", "/ä", "x.org", "and letters")]
    [InlineData("https://X.Org/A", "/A", "x.org", "letter case counts in the path only")]
    [InlineData("http://x.org:8080/a", "/a", "x.org", "a port")]
    [InlineData("http://x.org:/a", "/a", "x.org", "an empty port")]
    [InlineData("http://localhost:3000", "/", "localhost", "a port and no path")]
    [InlineData("https://ann:secret@x.org:1/a", "/a", "x.org", "user and password")]
    [InlineData("https://ann@work@x.org/a", "/a", "x.org", "an at sign in the user")]
    [InlineData("https://x.org/@ann", "/@ann", "x.org", "an at sign in the path")]
    [InlineData("http://[2001:DB8::1]/a", "/a", "[2001:db8::1]", "IPv6")]
    [InlineData("http://[::1]:8000/a", "/a", "[::1]", "IPv6 and a port")]
    [InlineData("http://127.0.0.1:8000/a", "/a", "127.0.0.1", "IPv4")]
    [InlineData("app+x.y-z://home/a", "/a", "home", "an app's own scheme")]
    [InlineData("a://home/b", "/b", "home", "a scheme of one letter")]
    [InlineData("file:///etc/hosts", "/etc/hosts", null, "no host")]
    [InlineData("https://", "/", null, "nothing at all after the scheme")]
    [InlineData("x.org/a", null, null, "no scheme")]
    [InlineData("/a/b", null, null, "a path alone")]
    [InlineData("://x.org/a", null, null, "an empty scheme")]
    [InlineData("1a://x.org/a", null, null, "a scheme that begins with a digit")]
    [InlineData("a b://x.org/a", null, null, "a scheme with a blank")]
    [InlineData("/r?to=https://x.org/a", null, null, "a url within something else")]
    [InlineData("mailto:ann@x.org", null, null, "no authority")]
    [InlineData("about:blank", null, null, "a page of the browser")]
    [InlineData("HomeScreen", null, null, "an app's screen")]
    [InlineData("", null, null, "empty")]
    [InlineData(null, null, null, "absent")]
    public void The_path_and_the_host_of_a_url_are_read(string? url, string? path, string? host, string because) =>
        Assert.True((path, host) == (Urls.Path(url), Urls.Hostname(url)), $"{because}: {Urls.Path(url)}, {Urls.Hostname(url)}");
}
