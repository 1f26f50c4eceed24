using Sessions.Run.Import;
using static Sessions.Tests.Run.Import.Imported;

namespace Sessions.Tests.Run.Import;

/// <summary>
/// A line is read only in the formats that servers ship with. In any other format the meaning of a field would be a
/// guess, and a wrong guess turns many visitors into one.
/// </summary>
public sealed class LogEntryTests
{
    private const string Tail = " [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 200 2326 \"-\" \"" + Firefox + "\"";

    [Theory]
    [InlineData("203.0.113.7 - -", "203.0.113.7", null, "an address")]
    [InlineData("::1 - -", "::1", null, "an address of the other kind")]
    [InlineData("2001:db8::7 - -", "2001:db8::7", null, "a longer one")]
    [InlineData("client-7.provider.example - -", "client-7.provider.example", null, "a name that was looked up")]
    [InlineData("localhost - -", "localhost", null, "a short name")]
    [InlineData("203.0.113.7 - frank", "203.0.113.7", null, "a user")]
    [InlineData("203.0.113.7 ident frank", "203.0.113.7", null, "an ident")]
    [InlineData("203.0.113.7 - Frank the user", "203.0.113.7", null, "a user with blanks")]
    [InlineData("203.0.113.7 - x [10/Oct/2000:13:55:36 -0700] \\\"GET /", "203.0.113.7", null, "a user who would be a line")]
    [InlineData("203.0.113.7 - \"\"", "203.0.113.7", null, "a user with an empty name")]
    [InlineData("shop.example:443 198.51.100.1 - -", "198.51.100.1", "shop.example", "a virtual host")]
    [InlineData("shop.example:443 2001:db8::7 - -", "2001:db8::7", "shop.example", "before an address of the other kind")]
    [InlineData("shop.example:80 client.example - Frank X", "client.example", "shop.example", "before a name")]
    [InlineData("[2001:db8::1]:443 198.51.100.1 - -", "198.51.100.1", "[2001:db8::1]", "which is an address")]
    [InlineData("127.0.0.1:80 198.51.100.1 - -", "198.51.100.1", "127.0.0.1", "which is another one")]
    public void The_client_address_and_virtual_host_are_read_from_their_fields(
        string who, string address, string? host, string because)
    {
        string? reason = LogEntry.Read(who + Tail, out LogEntry read);

        Assert.True(reason is null, because);
        Assert.Equal((address, host, "GET / HTTP/1.1", Firefox), (read.Address, read.VirtualHost, read.Request, read.UserAgent));
        Assert.Equal(new DateTimeOffset(2026, 10, 10, 11, 55, 36, TimeSpan.Zero), read.Time.ToUniversalTime());
    }

    [Theory]
    [InlineData("203.0.113.7, 198.51.100.2 - -", "a list of addresses")]
    [InlineData("203.0.113.7 198.51.100.2 - -", "two addresses")]
    [InlineData("203.0.113.7 198.51.100.2 -", "two addresses and a user")]
    [InlineData("shop.example 198.51.100.1 - -", "a virtual host without a port")]
    [InlineData("shop.example client.example -", "two names")]
    [InlineData("shop.example:443 -", "too little")]
    [InlineData("203.0.113.7:5012 - -", "an address with a port")]
    [InlineData("[2001:db8::7] - -", "an address in brackets")]
    [InlineData("203.0.113.700 - -", "no address")]
    [InlineData("12345 - -", "a number")]
    [InlineData("203.0.113.7 -", "a user is missing")]
    [InlineData("203.0.113.7", "an address alone")]
    [InlineData("Oct 10 13:55:36 web nginx: 203.0.113.7 - -", "a line of syslog")]
    [InlineData("", "nothing")]
    public void A_line_in_another_format_is_skipped(string who, string because) =>
        Assert.True(LogEntry.Read(who + Tail, out _) == "no_log_line", because);

    [Theory]
    [InlineData("- - -")]
    [InlineData("unix: - -")]
    [InlineData("shop.example:443 - - -")]
    public void A_line_without_a_client_address_is_skipped(string who) =>
        Assert.Equal("no_address", LogEntry.Read(who + Tail, out _));

    [Theory]
    [InlineData("\"GET / HTTP/1.1\" 200 2326 \"-\" \"Firefox\" \"-\"", "further_fields", "nginx' main format")]
    [InlineData("\"GET / HTTP/1.1\" 200 2326 \"-\" \"Firefox\" 0.012 0.010", "further_fields", "times at the end")]
    [InlineData("\"GET / HTTP/1.1\" 200 2326 \"-\"", "no_log_line", "no user agent")]
    [InlineData("\"GET / HTTP/1.1\" 200 2326 - Firefox", "no_log_line", "no quotes")]
    [InlineData("\"GET / HTTP/1.1\" 200 2326 0.012 \"-\" \"Firefox\"", "no_log_line", "a time in between")]
    [InlineData("\"GET / HTTP/1.1\" 200", "no_log_line", "no size")]
    [InlineData("\"GET / HTTP/1.1\" 2000 2326", "no_log_line", "no status")]
    [InlineData("\"GET / HTTP/1.1\" 200 2326 \"-\" \"Fire", "no_log_line", "cut off in the user agent")]
    [InlineData("\"GET /sho", "no_log_line", "cut off in the request")]
    [InlineData("\"GET /\"quote\" HTTP/1.1\" 200 2326 \"-\" \"Firefox\"", "no_log_line", "quotes that are not escaped")]
    [InlineData("\"GET /\\q HTTP/1.1\" 200 2326 \"-\" \"Firefox\"", "no_log_line", "an escape that no server writes")]
    [InlineData("\"GET /\\x4 HTTP/1.1\" 200 2326 \"-\" \"Firefox\"", "no_log_line", "half an escape")]
    [InlineData("\"GET /\\u00e9 HTTP/1.1\" 200 2326 \"-\" \"Firefox\"", "no_log_line", "an escape of JSON that nginx does not write")]
    [InlineData("GET / HTTP/1.1 200 2326", "no_log_line", "no quotes at all")]
    public void A_line_with_other_fields_after_the_time_is_skipped(string rest, string reason, string because) =>
        Assert.True(LogEntry.Read($"203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] {rest}", out _) == reason, because);

    [Theory]
    [InlineData("10/Oct/2026:13:55:36")]
    [InlineData("10/10/2026:13:55:36 +0200")]
    [InlineData("32/Oct/2026:13:55:36 +0200")]
    [InlineData("2026-10-10T13:55:36+02:00")]
    [InlineData("")]
    public void A_line_with_an_invalid_time_is_skipped_with_that_reason(string time) =>
        Assert.Equal("no_timestamp", LogEntry.Read($"203.0.113.7 - - [{time}] \"GET / HTTP/1.1\" 200 1", out _));

    [Fact]
    public void The_common_format_has_no_referrer_and_no_user_agent()
    {
        Assert.Null(LogEntry.Read("203.0.113.7 - - [10/Oct/2026:13:55:36 +0200] \"GET / HTTP/1.1\" 304 -", out LogEntry read));

        Assert.Equal((null, null, "304"), (read.Referrer, read.UserAgent, read.Status));
    }
}
