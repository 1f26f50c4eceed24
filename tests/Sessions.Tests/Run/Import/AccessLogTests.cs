using System.Text.Json.Nodes;
using Sessions.Domain.Events;
using Sessions.Host;
using Sessions.Run;
using Sessions.Run.Import;
using static Sessions.Tests.Run.Import.Imported;

namespace Sessions.Tests.Run.Import;

/// <summary>
/// A line of an access log is read as servers write it: quoted, with escapes, and with the request's target as a path
/// on the site, even when it looks like a link.
/// </summary>
public sealed class AccessLogTests
{
    [Fact]
    public void A_page_becomes_a_pageview_of_a_visitor_without_an_address()
    {
        ImportedLine line = Log().Read(Entry(Combined(
            "GET /shoes?utm_source=news&gclid=g1&q=secret HTTP/1.1", referrer: "https://www.google.com/", agent: "Mozilla/5.0 \\\"odd\\\""), 77));

        JsonObject happened = Event(line);
        JsonObject properties = Properties(line);
        Assert.Equal(new DateTimeOffset(2026, 10, 10, 11, 55, 36, TimeSpan.Zero), line.Time);
        Assert.Equal("$pageview", (string?)happened["event"]);
        Assert.Equal("2026-10-10T11:55:36Z", (string?)happened["timestamp"]);
        Assert.Equal(77, (long)happened["sender_order"]!);
        Assert.Equal("https://shop.example/shoes?utm_source=news&gclid=g1&q=secret", (string?)properties["$current_url"]);
        Assert.Equal("/shoes", (string?)properties["$pathname"]);
        Assert.Equal("news", (string?)properties["utm_source"]);
        Assert.Equal("g1", (string?)properties["gclid"]);
        Assert.Equal("www.google.com", (string?)properties["$referring_domain"]);
        Assert.Equal("Mozilla/5.0 \"odd\"", (string?)properties["$raw_user_agent"]);
        Assert.StartsWith("log-", (string?)happened["distinct_id"], StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.7", happened.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//blog/post", "//blog/post", "two slashes are no host")]
    [InlineData("///x", "///x", "nor are three")]
    [InlineData("//user@other.example:81/x", "//user@other.example:81/x", "nor is a user before one")]
    [InlineData("/\\\\evil", "/%5Cevil", "a backslash, as Apache writes it, is no slash")]
    [InlineData("/\\x5Cevil", "/%5Cevil", "nor as nginx does")]
    [InlineData("/../../etc", "/../../etc", "dots are no way up")]
    [InlineData("/a/./b/", "/a/./b/", "nor a way nowhere")]
    [InlineData("/a:b", "/a:b", "a colon is no scheme's")]
    [InlineData("/http://other.example/x", "/http://other.example/x", "an address in a path is the path")]
    [InlineData("/%2F%2e%zz", "/%2F%2e%zz", "escapes stay as they are, broken ones too")]
    [InlineData("/caf\\xC3\\xA9", "/caf%C3%A9", "bytes of UTF-8, as Apache and nginx write them")]
    [InlineData("/caf\\xc3\\xa9", "/caf%C3%A9", "in the case of Apache")]
    [InlineData("/caf\u00C3\u00A9", "/caf%C3%A9", "the bytes themselves, as nginx writes them with escape=json")]
    [InlineData("/caf\\xE9", "/caf%E9", "bytes that are no UTF-8")]
    [InlineData("/a\\\"b", "/a%22b", "a quote")]
    [InlineData("/a\\x22b", "/a%22b", "a quote, as nginx writes it")]
    [InlineData("/a\\tb\\x00\\u0001", "/a%09b%00%01", "control characters")]
    [InlineData("/a b", "/a%20b", "a blank, which old servers took")]
    [InlineData("http://shop.example/x", "/x", "an address of the site itself")]
    [InlineData("HTTPS://Shop.Example:8443/x", "/x", "whatever its port and case")]
    [InlineData("http://shop.example", "/", "without a path")]
    public void The_target_of_a_request_is_read_as_a_path_on_the_site(string target, string path, string because)
    {
        ImportedLine line = Log().Read(Entry(Combined($"GET {target} HTTP/1.1")));

        Assert.True(Property(line, "$pathname") == path, because + ": " + Property(line, "$pathname"));
        Assert.Equal($"https://shop.example{path}", Property(line, "$current_url"));
        Assert.Equal(path, Urls.Path(Property(line, "$current_url")));
        Assert.Equal("shop.example", Property(line, "$host"));
    }

    [Fact]
    public void A_request_line_without_a_protocol_is_read() =>
        Assert.Equal("/x", Property(Log().Read(Entry(Combined("GET /x"))), "$pathname"));

    [Theory]
    [InlineData("https://shop.example/any/path?x", "shop.example")]
    [InlineData("https://SHOP.example:443", "shop.example")]
    [InlineData("http://localhost:8080", "localhost:8080")]
    [InlineData("https://b\u00FCcher.example", "xn--bcher-kva.example")]
    [InlineData("http://[::1]:81", "[::1]:81")]
    public void The_host_of_the_site_is_written_as_browsers_write_it(string site, string host) =>
        Assert.Equal(host, Property(Log(site).Read(Entry(Combined())), "$host"));

    [Theory]
    [InlineData("https://www.google.com/search?q=x", "www.google.com")]
    [InlineData("http://localhost:3000/", "localhost:3000")]
    [InlineData("android-app://com.google.android.gm/", "com.google.android.gm")]
    [InlineData("https://b\\xC3\\xBCcher.example/", "xn--bcher-kva.example")]
    [InlineData("-", "$direct")]
    [InlineData("", "$direct")]
    [InlineData("/local", "$direct")]
    [InlineData("//evil.example/x", "$direct")]
    [InlineData("nonsense", "$direct")]
    [InlineData("http://", "$direct")]
    public void A_referrer_without_a_domain_is_treated_as_absent(string referrer, string domain) =>
        Assert.Equal(domain, Property(Log().Read(Entry(Combined(referrer: referrer))), "$referring_domain"));

    [Theory]
    [InlineData("Caf\\xC3\\xA9/1", "Caf\u00E9/1")]
    [InlineData("Caf\u00C3\u00A9/1", "Caf\u00E9/1")]
    [InlineData("Caf\\xE9/1", "Caf\uFFFD/1")]
    [InlineData("a\\tb \\\\ \\x5C", "a\tb \\ \\")]
    public void Escaped_bytes_in_a_user_agent_are_read_as_text(string written, string agent) =>
        Assert.Equal(agent, Property(Log().Read(Entry(Combined(agent: written))), "$raw_user_agent"));

    [Theory]
    [InlineData("utm_medium=cpc&utm_medium=cpc", "cpc", "the first of two")]
    [InlineData("utm_medium=a&utm_medium=b&utm_medium=c", "a", "the first of several")]
    [InlineData("utm_medium=&utm_medium=cpc", null, "the first is empty")]
    [InlineData("utm_medium&utm_medium=cpc", null, "the first has no value")]
    [InlineData("utm_medium=a=b", "a=b", "an equals sign in the value")]
    [InlineData("utm_medium=paid+search%2B", "paid search+", "a plus is a blank, an escaped one is not")]
    [InlineData("utm_medium=caf%C3%A9", "caf\u00E9", "escapes")]
    [InlineData("utm_medium=caf\\xC3\\xA9", "caf\u00E9", "bytes")]
    [InlineData("utm_medium=caf%E9+x", "caf%E9 x", "no UTF-8: escapes stay")]
    [InlineData("utm_medium=100%+%41", "100% %41", "a broken escape: all stay")]
    [InlineData("UTM_MEDIUM=cpc", null, "another case is another name")]
    [InlineData("utm%5Fmedium=cpc", null, "names have no escapes")]
    [InlineData("?utm_medium=cpc", "cpc", "more question marks")]
    [InlineData("a=1?utm_medium=cpc", null, "a question mark in a value")]
    [InlineData("a=1;utm_medium=cpc", null, "a semicolon separates nothing")]
    [InlineData("x=1#utm_medium=cpc", null, "behind a hash")]
    public void A_query_parameter_is_read_as_posthog_js_reads_it(string query, string? medium, string because)
    {
        ImportedLine line = Log().Read(Entry(Combined($"GET /?{query} HTTP/1.1")));

        Assert.True(Property(line, "utm_medium") == medium, because + ": " + Property(line, "utm_medium"));
    }

    [Theory]
    [InlineData("an asset", "GET /a/b.CSS HTTP/1.1", "200", "no_page")]
    [InlineData("an asset with a query", "GET /a.js?v=/1 HTTP/1.1", "200", "no_page")]
    [InlineData("a form that was sent", "POST /buy HTTP/1.1", "200", "no_page")]
    [InlineData("a page that is not there", "GET /x HTTP/1.1", "404", "no_page")]
    [InlineData("a redirect", "GET /x HTTP/1.1", "301", "no_page")]
    [InlineData("an answer without a status", "GET /x HTTP/1.1", "-", "no_page")]
    [InlineData("the whole server", "OPTIONS * HTTP/1.1", "200", "no_page")]
    [InlineData("an asterisk that somebody gets", "GET * HTTP/1.1", "200", "no_page")]
    [InlineData("a query without a path", "GET ?x HTTP/1.1", "200", "no_page")]
    [InlineData("a tunnel", "CONNECT other.example:443 HTTP/1.1", "200", "no_page")]
    [InlineData("another host through a proxy", "GET http://other.example/path HTTP/1.1", "200", "other_host")]
    [InlineData("the beginning of TLS", "\\x16\\x03\\x01\\x02", "400", "no_request")]
    [InlineData("nothing", "-", "408", "no_request")]
    [InlineData("less than nothing", "", "400", "no_request")]
    [InlineData("a method alone", "GET", "400", "no_request")]
    [InlineData("a blank and no protocol", "GET /a b", "200", "no_request")]
    [InlineData("another protocol", "SSH-2.0-Go", "400", "no_request")]
    public void A_line_that_is_not_a_pageview_is_skipped_with_a_reason(
        string what, string request, string status, string reason)
    {
        ImportedLine line = Log().Read(Entry(Combined(request, status: status)));

        Assert.True(line.Skipped == reason, $"{what}: {line.Skipped}");
    }

    [Theory]
    [InlineData("Go-http-client/1.1")]
    [InlineData("Mozilla/5.0 (X11) HeadlessChrome/126.0.0.0 Safari/537.36")]
    [InlineData("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)")]
    [InlineData("-")]
    [InlineData("")]
    public void Lines_of_programs_are_skipped_unless_the_projects_bot_filter_is_off(string agent)
    {
        FileEntry entry = Entry(Combined(agent: agent));

        Assert.Equal("bot", Log().Read(entry).Skipped);
        Assert.Null(Log(dropsBots: false).Read(entry).Skipped);
    }

    [Fact]
    public void In_a_log_without_user_agents_no_line_is_taken_for_a_program() =>
        Assert.Null(Log().Read(Entry("203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 200 1")).Skipped);

    [Fact]
    public void Lines_of_another_virtual_host_are_skipped_whatever_the_port()
    {
        Assert.Equal("/x", Property(Log().Read(Entry(Combined("GET /x HTTP/1.1", "Shop.example:443 203.0.113.7 - -"))), "$pathname"));
        Assert.Equal("/x", Property(Log().Read(Entry(Combined("GET /x HTTP/1.1", "shop.example:80 203.0.113.7 - -"))), "$pathname"));
        Assert.Equal("other_host", Log().Read(Entry(Combined("GET /x HTTP/1.1", "blog.example:443 203.0.113.7 - -"))).Skipped);
        Assert.Null(Log("http://[2001:db8::1]").Read(Entry(Combined("GET /x HTTP/1.1", "[2001:db8::1]:80 203.0.113.7 - -"))).Skipped);
    }

    [Fact]
    public void Visitors_of_a_virtual_host_are_distinguished_by_their_addresses()
    {
        AccessLogLine log = Log();
        string?[] visitors = [.. Enumerable.Range(1, 5).Select(n =>
            (string?)Event(log.Read(Entry(Combined(who: $"shop.example:443 198.51.100.{n} - -"))))["distinct_id"])];

        Assert.Equal(5, visitors.Distinct().Count());
        Assert.Equal(visitors[0], (string?)Event(log.Read(Entry(Combined(who: "198.51.100.1 - -"))))["distinct_id"]);
    }

    [Fact]
    public void After_combined_lines_a_cut_off_line_in_common_format_is_skipped()
    {
        AccessLogLine log = Log();
        const string Common = "203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET /x HTTP/1.1\" 200 23";

        Assert.Null(log.Read(Entry(Common, fault: EntryFault.Cut)).Skipped);
        Assert.Null(log.Read(Entry(Combined())).Skipped);
        Assert.Equal("no_log_line", log.Read(Entry(Common, fault: EntryFault.Cut)).Skipped);
        Assert.Null(log.Read(Entry(Common)).Skipped);
    }

    [Theory]
    [InlineData("import")]
    [InlineData("import a b")]
    [InlineData("import a --project")]
    [InlineData("import a --project Not-One")]
    [InlineData("import a --bananas b")]
    public void Invalid_arguments_of_an_import_are_refused(string arguments)
    {
        Assert.IsType<Invocation.Wrong>(RunCommandLine.Parse(arguments.Split(' ')));
    }

    [Fact]
    public void An_import_reads_its_options()
    {
        Assert.Equal(
            new ImportInvocation { File = "f", Project = "shop", Data = "d", Site = "https://x.org" },
            RunCommandLine.Parse(["import", "--data", "d", "f", "--project", "shop", "--site", "https://x.org"]));
    }
}
