using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Sessions.Columns.Asking;

/// <summary>
/// Asks the process that holds the columns. When it can't answer exactly, as of now and soon, the answer is null, and the
/// caller asks Postgres. It is safe to use from several threads.
/// </summary>
public sealed class ColumnsClient : IDisposable
{
    internal const string Path = "/columns/read";

    // So that a machine that is away delays a question for a moment only.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMilliseconds(500);

    // A process that was just away is not asked again before this.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // What the process needs in addition to the time of the statements, in order to say that they took too long.
    private static readonly TimeSpan Answering = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Process[] _processes;

    /// <summary>Makes a client.</summary>
    public ColumnsClient(IOptions<ColumnsClientOptions> options, TimeProvider time)
    {
        _time = time;
        _processes = [.. options.Value.Addresses.Select(address => new Process(new Uri(address, Path)))];
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            UseProxy = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.Secret);
    }

    /// <summary>Whether there is a process to ask.</summary>
    public bool IsConfigured => _processes.Length > 0;

    /// <summary>
    /// Answers the statements from one state, which has everything that was committed before the call. Null when the caller must
    /// ask Postgres: the process is away, it writes the project's file, or it is too far behind.
    /// </summary>
    /// <exception cref="ColumnsRefusedException">DuckDB refuses a statement, with its own message.</exception>
    /// <exception cref="TimeoutException">The statements took longer than the limits allow.</exception>
    public async Task<IReadOnlyList<ColumnsAnswer>?> Read(
        string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits, CancellationToken cancellation)
    {
        long asked = _time.GetTimestamp();
        foreach (Process process in _processes)
        {
            TimeSpan left = limits.Time - _time.GetElapsedTime(asked);
            if (process.AwaySince is { } away && _time.GetElapsedTime(away) < Pause)
            {
                continue;
            }

            if (left <= TimeSpan.Zero)
            {
                throw new TimeoutException("The statements took too long.");
            }

            if (await TryRead(process, ColumnsWire.Write(project, statements, limits with { Time = left }), left, cancellation) is { } answers)
            {
                return answers;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<IReadOnlyList<ColumnsAnswer>?> TryRead(Process process, byte[] question, TimeSpan most, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(most + Answering, _time);
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            using ByteArrayContent body = new(question);
            using HttpRequestMessage request = new(HttpMethod.Post, process.Address) { Content = body };
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ends.Token);
            process.AwaySince = null;
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    return ColumnsWire.ReadAnswers(new MemoryStream(await response.Content.ReadAsByteArrayAsync(ends.Token)));
                case HttpStatusCode.BadRequest:
                    throw new ColumnsRefusedException(await response.Content.ReadAsStringAsync(ends.Token));
                case HttpStatusCode.GatewayTimeout:
                    throw new TimeoutException("The statements took too long.");
                default:
                    return null;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It has not even said that they took too long.
            process.AwaySince = _time.GetTimestamp();
            throw new TimeoutException("The statements took too long.");
        }
        catch (Exception away) when (away is HttpRequestException or IOException or InvalidDataException)
        {
            process.AwaySince = _time.GetTimestamp();
            return null;
        }
    }

    private sealed class Process(Uri address)
    {
        public Uri Address => address;

        public long? AwaySince { get; set; }
    }
}
