using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using Sessions.Domain.Webhooks;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Webhooks;

/// <summary>How an attempt ended.</summary>
/// <param name="Status">What the endpoint answered; null when it did not.</param>
/// <param name="Error">What was wrong, without anything that is somebody's; null when it was taken.</param>
/// <param name="Wish">After which pause the endpoint wants to be asked again; null when it did not say.</param>
internal sealed record AttemptOutcome(int? Status, string? Error, TimeSpan? Wish = null)
{
    public bool IsTaken => Error is null;

    /// <summary>Whether the endpoint said that it wants no more, for good.</summary>
    public bool IsGone => Status == (int)HttpStatusCode.Gone;
}

/// <summary>
/// Sends deliveries, signed as Standard Webhooks has it. It follows no redirect, asks no proxy, and connects only to
/// addresses that it has looked at itself, so that no name leads it to where it must not go.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private const string UserAgent = "Orleans.Sessions";

    // An endpoint's name may lead elsewhere tomorrow.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);
    private const int MaxHeadersKilobytes = 32;

    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public WebhookSender(IOptions<WebhookOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // Where a request of ours came from is nobody else's business.
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = MaxHeadersKilobytes,
            ConnectCallback = Connect,
        });
    }

    /// <summary>Sends a delivery once.</summary>
    public async Task<AttemptOutcome> Send(ClaimedDelivery delivery)
    {
        using CancellationTokenSource patience = new(_options.Timeout, _time);
        try
        {
            using HttpRequestMessage request = RequestOf(delivery, _time.GetUtcNow());
            using HttpResponseMessage answer = await _http.SendAsync(request, patience.Token);
            int status = (int)answer.StatusCode;
            return answer.IsSuccessStatusCode
                ? new AttemptOutcome(status, null)
                : new AttemptOutcome(status, $"it answered {status}", WishOf(answer.Headers.RetryAfter));
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException or UriFormatException or FormatException)
        {
            return new AttemptOutcome(null, ErrorOf(failure));
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage RequestOf(ClaimedDelivery delivery, DateTimeOffset now)
    {
        byte[] body = Encoding.UTF8.GetBytes(delivery.Payload);
        string id = delivery.Id.ToString();
        long timestamp = now.ToUnixTimeSeconds();
        HttpRequestMessage request = new(HttpMethod.Post, delivery.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSignature.Sign(delivery.Secrets, id, timestamp, body));
        return request;
    }

    private TimeSpan? WishOf(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } pause } => pause,
        { Date: { } at } => at - _time.GetUtcNow(),
        _ => null,
    };

    private string ErrorOf(Exception failure) => failure switch
    {
        OperationCanceledException => string.Create(CultureInfo.InvariantCulture, $"it did not answer within {_options.Timeout.TotalSeconds:0.###} s"),
        HttpRequestException { InnerException: PrivateTargetException } => "its address is not one of the public internet",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its host name is not known",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "no secure connection could be made",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "it could not be connected to",
        FormatException => "its address or secret is malformed",
        _ => "the connection broke",
    };

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellation);
        }
        catch (SocketException unknown)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, unknown.Message, unknown);
        }

        IPAddress[] allowed = _options.AllowPrivateTargets ? addresses : [.. addresses.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
        {
            throw new PrivateTargetException();
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class PrivateTargetException : IOException;
}
