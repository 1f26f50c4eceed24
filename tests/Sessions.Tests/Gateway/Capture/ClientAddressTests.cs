using System.Net;
using Microsoft.AspNetCore.Http;
using Sessions.Gateway.Capture;

namespace Sessions.Tests.Gateway.Capture;

/// <summary>Where a request comes from, whose connection is from 192.0.2.1.</summary>
public sealed class ClientAddressTests
{
    [Theory]
    [InlineData(null, "192.0.2.1")]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7, 198.51.100.1", "203.0.113.7")] // the client, then the proxies
    [InlineData("203.0.113.7:51234", "203.0.113.7")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]:51234", "2001:db8::1")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("unknown, 203.0.113.7", "203.0.113.7")]
    [InlineData("unknown", "192.0.2.1")]
    [InlineData("", "192.0.2.1")]
    public void Behind_a_trusted_proxy_the_header_tells(string? forwarded, string address) =>
        Assert.Equal(address, Of(trusts: true, forwarded));

    [Fact]
    public void A_header_that_anybody_can_send_counts_for_nothing() =>
        Assert.Equal("192.0.2.1", Of(trusts: false, "203.0.113.7"));

    private static string? Of(bool trusts, string? forwarded)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.1");
        context.Request.Headers["X-Forwarded-For"] = forwarded;
        return new ClientAddress(new CaptureOptions { TrustForwardedFor = trusts }).Of(context.Request)?.ToString();
    }
}
