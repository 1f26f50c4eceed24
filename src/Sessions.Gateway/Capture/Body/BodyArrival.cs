using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sessions.Gateway.Capture.Body;

/// <summary>
/// A body while it arrives. It may take <see cref="CaptureOptions.BodyGrace"/>, and longer by what
/// <see cref="CaptureOptions.MinBodyBytesPerSecond"/> allows for the bytes that have come: what a sender claims about the
/// length buys it no time. A body that lies there in full costs no timer.
/// </summary>
internal sealed class BodyArrival(HttpRequest request, CaptureOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly PipeReader _pipe = request.BodyReader;
    private readonly long _begun = time.GetTimestamp();
    private ITimer? _alarm;
    private long _arrived;

    /// <summary>Adds what has come next to the body; false when that was all.</summary>
    /// <exception cref="CaptureRefusedException">It comes too slowly, is too large, or the budget has no room.</exception>
    public async ValueTask<bool> ReadInto(PooledBytes body)
    {
        ValueTask<ReadResult> reading = _pipe.ReadAsync(request.HttpContext.RequestAborted);
        if (!reading.IsCompleted)
        {
            _alarm ??= time.CreateTimer(
                static pipe => ((PipeReader)pipe!).CancelPendingRead(), _pipe, options.BodyGrace, Timeout.InfiniteTimeSpan);
        }

        ReadResult read = await reading;
        try
        {
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                body.Append(part.Span);
                _arrived += part.Length;
            }
        }
        finally
        {
            _pipe.AdvanceTo(read.Buffer.End);
        }

        if (read.IsCanceled)
        {
            Wait();
        }

        return !read.IsCompleted;
    }

    public ValueTask DisposeAsync() => _alarm?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Goes on waiting, as long as the bytes that have come allow it.</summary>
    private void Wait()
    {
        TimeSpan left = options.BodyGrace + TimeSpan.FromSeconds((double)_arrived / options.MinBodyBytesPerSecond)
            - time.GetElapsedTime(_begun);
        if (left <= TimeSpan.Zero)
        {
            // The rest of it is nobody's next request.
            request.HttpContext.Response.Headers[HeaderNames.Connection] = "close";
            throw new CaptureRefusedException(CaptureRefusal.TooSlow());
        }

        _alarm?.Change(left, Timeout.InfiniteTimeSpan);
    }
}
