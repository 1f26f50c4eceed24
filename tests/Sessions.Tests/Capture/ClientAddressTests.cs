using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sessions.Capture;

namespace Sessions.Tests.Capture;

/// <summary>The client's address of a request whose connection comes from 192.0.2.1.</summary>
public sealed class ClientAddressTests
{
    private const string ContentNetwork = "198.51.100.0/24";

    [Theory]
    [InlineData(null, "192.0.2.1")]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7:51234", "203.0.113.7")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]:51234", "2001:db8::1")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("unknown, 203.0.113.7", "203.0.113.7")]
    [InlineData("unknown", "192.0.2.1")]
    [InlineData("", "192.0.2.1")]
    public void Behind_a_trusted_proxy_the_clients_address_comes_from_the_header(string? forwarded, string address) =>
        Assert.Equal(address, Of(forwarded));

    [Theory]
    [InlineData("10.9.8.7, 203.0.113.7", "203.0.113.7")]
    [InlineData("198.51.100.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7, unknown", "192.0.2.1")]
    public void An_address_that_the_client_put_before_the_proxys_is_ignored(string forwarded, string address) =>
        Assert.Equal(address, Of(forwarded));

    [Fact]
    public void The_client_can_put_no_address_into_a_header_of_its_own() =>
        Assert.Equal("203.0.113.7", Of(new StringValues(["10.9.8.7", "203.0.113.7"])));

    [Theory]
    [InlineData("203.0.113.7, 198.51.100.1", "203.0.113.7")] // the client, as the content network saw it
    [InlineData("10.9.8.7, 203.0.113.7, 198.51.100.1, 198.51.100.2", "203.0.113.7")]
    [InlineData("203.0.113.7, ::ffff:198.51.100.1", "203.0.113.7")]
    [InlineData("203.0.113.7, 198.51.101.1", "198.51.101.1")] // not one of the content network's
    [InlineData("198.51.100.1", "198.51.100.1")] // the content network itself asks
    public void Behind_two_proxies_the_address_is_the_last_that_is_no_trusted_proxys(string forwarded, string address) =>
        Assert.Equal(address, Of(forwarded, ContentNetwork));

    [Fact]
    public void A_forwarding_header_from_an_untrusted_sender_is_ignored() =>
        Assert.Equal("192.0.2.1", Of(new CaptureOptions { TrustedProxies = { ContentNetwork } }, "203.0.113.7"));

    [Theory]
    [InlineData("203.0.113.7", true)]
    [InlineData("2001:db8::/32", true)]
    [InlineData("203.0.113.0/33", false)]
    [InlineData("proxy.example.org", false)]
    public void A_trusted_proxy_is_an_address_or_a_network(string text, bool isRight)
    {
        CaptureOptions options = new() { TrustedProxies = { text } };

        Assert.Equal(isRight, !options.Validate(new ValidationContext(options)).Any());
    }

    private static string? Of(StringValues forwarded, params IEnumerable<string> proxies)
    {
        CaptureOptions options = new() { TrustForwardedFor = true };
        foreach (string proxy in proxies)
        {
            options.TrustedProxies.Add(proxy);
        }

        return Of(options, forwarded);
    }

    private static string? Of(CaptureOptions options, StringValues forwarded)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.1");
        context.Request.Headers["X-Forwarded-For"] = forwarded;
        return new ClientAddress(options).Of(context.Request)?.ToString();
    }
}
