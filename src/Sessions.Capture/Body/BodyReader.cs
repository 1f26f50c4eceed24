using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sessions.Capture.Body;

/// <summary>Reads a request's body up to its limit and decodes it.</summary>
internal sealed class BodyReader(CaptureOptions options, ClientAddress client, TimeProvider time)
{
    // A request needs memory beside its body. This amount stands for it, so that the budget also limits many tiny
    // requests.
    private const int CostOfRequest = 4 * 1024;

    private readonly BodyDecoder _decoder = new(options);

    /// <summary>Returns the JSON of the body as UTF-8, or that of the query's <c>data</c>.</summary>
    /// <exception cref="CaptureRefusedException">The body is empty, can't be decoded, or is too large.</exception>
    public Task<PooledBytes> Read(HttpRequest request, BodyShare share) => Read(request, share, options.MaxBodyBytes);

    /// <summary>Reads a body with another limit for its bytes as received.</summary>
    public async Task<PooledBytes> Read(HttpRequest request, BodyShare share, int maxBytes)
    {
        share.BelongsTo(client.Of(request));
        share.Take(CostOfRequest);
        var hints = new BodyHints(
            request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true,
            request.Query["compression"].ToString(),
            request.Headers.ContentEncoding.ToString());

        string? data = request.Query["data"];
        return string.IsNullOrEmpty(data)
            ? _decoder.Decode(await Receive(request, share, maxBytes), share, hints)
            : _decoder.Decode(Copy(data, share, maxBytes), share, hints with { IsForm = false });
    }

    private static PooledBytes Copy(string data, BodyShare share, int maxBytes)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(data);
        var bytes = new PooledBytes(share, maxBytes, "as received", utf8.Length);
        try
        {
            bytes.Append(utf8);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }

        return bytes;
    }

    private async Task<PooledBytes> Receive(HttpRequest request, BodyShare share, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
        {
            throw new CaptureRefusedException(
                CaptureRefusal.TooLarge($"The body exceeds {maxBytes} bytes as received."));
        }

        // The server's own limit differs from ours, and its answer lacks the CORS headers that browsers need. So it is set
        // aside, and the limit is checked here.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }

        var body = new PooledBytes(share, maxBytes, "as received", (request.ContentLength ?? 0) + 1);
        try
        {
            await using var arrival = new BodyArrival(request, options, time);
            while (await arrival.ReadInto(body))
            {
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }

        return body;
    }
}
