using System.Net;
using Sessions.Capture;
using Sessions.Host.Configuration;
using Sessions.Web.Access;

namespace Sessions.Host.Roles;

/// <summary>
/// Whether only this machine can reach a gateway. A loopback address alone does not say so: a reverse proxy on this machine
/// connects from loopback too, and a web page can make a browser on this machine send requests.
/// </summary>
internal static class OnlyThisMachine
{
    private const string PublicAddress = $"{AccessOptions.Section}:{nameof(AccessOptions.PublicAddress)}";
    private const string TrustForwardedFor = $"{CaptureOptions.Section}:{nameof(CaptureOptions.TrustForwardedFor)}";

    // A proxy adds one of these to what it forwards, or several.
    private static readonly string[] OfProxies = ["Forwarded", "Via", "X-Real-IP"];
    private const string ForwardedPrefix = "X-Forwarded-";

    /// <summary>
    /// Whether a gateway with this configuration serves only this machine: it listens on loopback, and no setting says that
    /// a proxy stands before it.
    /// </summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static bool Reaches(IConfiguration configuration)
    {
        HttpSettings http = configuration.Read<HttpSettings>(HttpSettings.Section);
        return IPAddress.IsLoopback(IPAddress.Parse(http.Address))
            && string.IsNullOrEmpty(configuration[PublicAddress])
            && !(bool.TryParse(configuration[TrustForwardedFor], out bool trusts) && trusts);
    }

    /// <summary>
    /// Whether a program on this machine sent the request itself: the connection comes from loopback, no proxy forwarded it,
    /// and it names this machine. The last condition excludes web pages: a page whose name leads to 127.0.0.1 (DNS rebinding)
    /// sends that name.
    /// </summary>
    public static bool Sent(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } sender && IPAddress.IsLoopback(sender)
        && !context.Request.Headers.Keys.Any(IsOfProxy)
        && IsLoopback(context.Request.Host.Host);

    /// <summary>Answers requests of others with 404, as if there were no such endpoint.</summary>
    public static IEndpointConventionBuilder RefuseOthers(this IEndpointConventionBuilder endpoints)
    {
        endpoints.Finally(endpoint =>
        {
            RequestDelegate answer = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                if (Sent(context))
                {
                    return answer(context);
                }

                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            };
        });
        return endpoints;
    }

    private static bool IsOfProxy(string header) =>
        header.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase)
        || OfProxies.Contains(header, StringComparer.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
