using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Sessions.Host.Roles;

namespace Sessions.Tests.Host.Roles;

/// <summary>What is for this machine alone: metrics, and webhooks to private addresses.</summary>
public sealed class OnlyThisMachineTests
{
    private const string Http = "Http:Address";
    private const string Public = "Sessions:Access:PublicAddress";
    private const string Trust = "Sessions:Capture:TrustForwardedFor";

    [Theory]
    [InlineData(true, null, null, null)]
    [InlineData(true, "::1", null, "false")]
    [InlineData(true, "127.0.0.1", "", "")]
    [InlineData(false, "0.0.0.0", null, null)]
    [InlineData(false, "127.0.0.1", "https://sessions.example.org", null)]
    [InlineData(false, "127.0.0.1", null, "true")]
    [InlineData(false, "127.0.0.1", null, "True")]
    public void Loopback_is_only_this_machine_unless_a_setting_tells_of_a_proxy(bool isOnly, string? address, string? name, string? trust)
    {
        Dictionary<string, string?> settings = new() { [Public] = name, [Trust] = trust };
        if (address is not null)
        {
            settings[Http] = address;
        }

        Assert.Equal(isOnly, OnlyThisMachine.Reaches(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:8000", true)]
    [InlineData("::1", "[::1]:8000", true)]
    [InlineData("::ffff:127.0.0.1", "localhost:8000", true)]
    [InlineData("192.0.2.1", "127.0.0.1:8000", false)]
    [InlineData("127.0.0.1", "rebound.example.org", false)]
    [InlineData("127.0.0.1", "127.0.0.1.example.org:8000", false)]
    [InlineData("127.0.0.1", "", false)]
    public void A_request_of_this_machine_comes_from_loopback_and_names_it(string sender, string host, bool isOurs) =>
        Assert.Equal(isOurs, OnlyThisMachine.Sent(Request(sender, host)));

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("x-forwarded-proto", "https")]
    [InlineData("X-Forwarded-Host", "sessions.example.org")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Real-IP", "203.0.113.9")]
    public void A_request_that_a_proxy_forwarded_is_not_of_this_machine(string header, string value)
    {
        HttpContext forwarded = Request("127.0.0.1", "127.0.0.1:8000");
        forwarded.Request.Headers[header] = value;

        Assert.False(OnlyThisMachine.Sent(forwarded));
    }

    [Fact]
    public async Task An_endpoint_for_this_machine_answers_others_with_404()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.Map("/metrics", context => context.Response.WriteAsync("numbers")).RefuseOthers();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };

        Assert.Equal("numbers", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, await Status(client, forwardedFor: "203.0.113.9", host: null));
        Assert.Equal(HttpStatusCode.NotFound, await Status(client, forwardedFor: null, host: "sessions.example.org"));
    }

    private static async Task<HttpStatusCode> Status(HttpClient client, string? forwardedFor, string? host)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/metrics");
        request.Headers.Host = host;
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static DefaultHttpContext Request(string sender, string host)
    {
        DefaultHttpContext context = new();
        context.Connection.RemoteIpAddress = IPAddress.Parse(sender);
        context.Request.Host = new HostString(host);
        return context;
    }
}
