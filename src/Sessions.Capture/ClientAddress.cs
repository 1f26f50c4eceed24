using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sessions.Capture;

/// <summary>
/// Finds the address that a request comes from. The address is used while the request is processed, and never stored
/// or logged.
/// </summary>
internal sealed class ClientAddress
{
    private const string Header = "X-Forwarded-For";

    private readonly bool _trustsHeader;
    private readonly IPNetwork[] _proxies;

    public ClientAddress(CaptureOptions options)
    {
        _trustsHeader = options.TrustForwardedFor;
        _proxies =
        [
            .. options.TrustedProxies.Select(text =>
                CaptureOptions.TryReadNetwork(text, out IPNetwork network) ? network : throw new ArgumentException(text, nameof(options))),
        ];
    }

    /// <summary>
    /// The address of the connection; behind a trusted proxy the last address of <c>X-Forwarded-For</c> that is not a
    /// trusted proxy's. A proxy adds the address that it saw at the end, so the sender can invent only what is before it.
    /// Null when the address is unknown, as on a Unix socket.
    /// </summary>
    public IPAddress? Of(HttpRequest request)
    {
        IPAddress? nearest = Plain(request.HttpContext.Connection.RemoteIpAddress);
        if (!_trustsHeader)
        {
            return nearest;
        }

        // Several headers of this name are one list.
        string[] hops = request.Headers[Header].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (int i = hops.Length - 1; i >= 0; i--)
        {
            // Some proxies add the port. One that wrote "unknown" hides who is before it.
            if (!IPEndPoint.TryParse(hops[i], out IPEndPoint? hop))
            {
                return nearest;
            }

            nearest = Plain(hop.Address);
            if (!Array.Exists(_proxies, proxy => proxy.Contains(nearest!)))
            {
                return nearest;
            }
        }

        return nearest;
    }

    private static IPAddress? Plain(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
