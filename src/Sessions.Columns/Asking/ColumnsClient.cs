using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Sessions.Columns.Asking;

/// <summary>
/// Asks the process that holds the columns. When it can't answer exactly, as of now and soon, the answer is null, and the
/// caller asks Postgres. It is safe to use from several threads.
/// </summary>
public sealed class ColumnsClient : IDisposable
{
    internal const string Path = "/columns/read";
    internal const string SqlPath = "/columns/sql";
    internal const string RowsPath = "/columns/rows";
    internal const string HealthPath = "/health/ready";

    // A page does not wait longer to say how far the columns are.
    private static readonly TimeSpan HealthTime = TimeSpan.FromMilliseconds(300);

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
        _processes = [.. options.Value.Addresses.Select(address => new Process(address))];
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
    public Task<IReadOnlyList<ColumnsAnswer>?> Read(
        string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits, CancellationToken cancellation) =>
        Ask(Path, left => ColumnsWire.Write(project, statements, limits with { Time = left }), limits.Time, cancellation);

    /// <summary>Answers a person's question in SQL, with values as Postgres writes them. Null when the caller must ask Postgres.</summary>
    /// <exception cref="ColumnsRefusedException">The question is refused: it is wrong, or does something else than read.</exception>
    /// <exception cref="ColumnsMemoryException">The process needed too much memory.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<ColumnsAnswer?> Read(UserQuestion question, CancellationToken cancellation) =>
        (await Ask(SqlPath, left => ColumnsWire.Write(question with { Time = left }), question.Time, cancellation))?[0];

    /// <summary>How much of a project's file is written, in percent; null when it is not being written, or when no process says so.</summary>
    public async Task<int?> FindPercent(string project, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(HealthTime, _time);
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        foreach (Process process in _processes.Where(process => process.AwaySince is not { } away || _time.GetElapsedTime(away) >= Pause))
        {
            try
            {
                await using Stream body = await _http.GetStreamAsync(new Uri(process.Address, HealthPath), ends.Token);
                using JsonDocument health = await JsonDocument.ParseAsync(body, cancellationToken: ends.Token);
                foreach (JsonElement one in health.RootElement.GetProperty("projects").EnumerateArray())
                {
                    if (one.GetProperty("project").GetString() == project && one.GetProperty("percent") is { ValueKind: JsonValueKind.Number } percent)
                    {
                        return percent.GetInt32();
                    }
                }
            }
            catch (Exception away) when (away is HttpRequestException or IOException or JsonException or KeyNotFoundException or InvalidOperationException
                || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // It says nothing now. Whether it is away, the next question finds out.
            }
        }

        return null;
    }

    /// <summary>Reads any number of rows of one state, a few at a time. Null when the caller must ask Postgres.</summary>
    /// <exception cref="ColumnsRefusedException">DuckDB refuses the statement, with its own message.</exception>
    /// <exception cref="TimeoutException">The time is over before the first row.</exception>
    public async Task<IAsyncEnumerable<object?[]>?> ReadRows(
        string project, ColumnsStatement statement, TimeSpan most, CancellationToken cancellation)
    {
        foreach (Process process in _processes.Where(process => process.AwaySince is not { } away || _time.GetElapsedTime(away) >= Pause))
        {
            HttpResponseMessage response;
            try
            {
                using ByteArrayContent body = new(ColumnsWire.Write(project, [statement], new ColumnsLimits(most, 0)));
                using HttpRequestMessage request = new(HttpMethod.Post, new Uri(process.Address, RowsPath)) { Content = body };
                response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            }
            catch (HttpRequestException)
            {
                process.AwaySince = _time.GetTimestamp();
                continue;
            }

            if (response.StatusCode == HttpStatusCode.OK)
            {
                return Rows(response, cancellation);
            }

            using (response)
            {
                await ThrowIfRefused(response, cancellation);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async IAsyncEnumerable<object?[]> Rows(HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using (response)
        {
            await foreach (object?[] row in RowFrames.Read(await response.Content.ReadAsStreamAsync(cancellation), cancellation))
            {
                yield return row;
            }
        }
    }

    private static async Task ThrowIfRefused(HttpResponseMessage response, CancellationToken cancellation)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.BadRequest:
                throw ColumnsWire.ReadRefusal(await response.Content.ReadAsStringAsync(cancellation));
            case HttpStatusCode.InsufficientStorage:
                throw new ColumnsMemoryException();
            case HttpStatusCode.GatewayTimeout:
                throw new TimeoutException("The statements took too long.");
            default:
                break;
        }
    }

    private async Task<IReadOnlyList<ColumnsAnswer>?> Ask(string path, Func<TimeSpan, byte[]> question, TimeSpan most, CancellationToken cancellation)
    {
        long asked = _time.GetTimestamp();
        foreach (Process process in _processes)
        {
            TimeSpan left = most - _time.GetElapsedTime(asked);
            if (process.AwaySince is { } away && _time.GetElapsedTime(away) < Pause)
            {
                continue;
            }

            if (left <= TimeSpan.Zero)
            {
                throw new TimeoutException("The statements took too long.");
            }

            if (await TryRead(process, path, question(left), left, cancellation) is { } answers)
            {
                return answers;
            }
        }

        return null;
    }

    private async Task<IReadOnlyList<ColumnsAnswer>?> TryRead(Process process, string path, byte[] question, TimeSpan most, CancellationToken cancellation)
    {
        using CancellationTokenSource late = new(most + Answering, _time);
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            using ByteArrayContent body = new(question);
            using HttpRequestMessage request = new(HttpMethod.Post, new Uri(process.Address, path)) { Content = body };
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ends.Token);
            process.AwaySince = null;
            await ThrowIfRefused(response, ends.Token);
            return response.StatusCode == HttpStatusCode.OK
                ? ColumnsWire.ReadAnswers(new MemoryStream(await response.Content.ReadAsByteArrayAsync(ends.Token)))
                : null;
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
