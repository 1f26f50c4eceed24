using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sessions.Capture.Body;

/// <summary>
/// A body while it arrives. It may take <see cref="CaptureOptions.BodyGrace"/>, and longer by what
/// <see cref="CaptureOptions.MinBodyBytesPerSecond"/> allows for the bytes that have arrived. The length that the
/// sender claims does not extend this time. A body that has already arrived in full needs no timer.
/// </summary>
internal sealed class BodyArrival(HttpRequest request, CaptureOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly PipeReader _pipe = request.BodyReader;
    private readonly long _begun = time.GetTimestamp();
    private ITimer? _alarm;
    private long _arrived;

    /// <summary>Reads the next part into the body. False when the body is complete.</summary>
    /// <exception cref="CaptureRefusedException">
    /// The body arrives too slowly, is too large, or the budget has no room.
    /// </exception>
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

    /// <summary>Sets the timer again, as long as the bytes that have arrived allow it.</summary>
    private void Wait()
    {
        TimeSpan left = options.BodyGrace + TimeSpan.FromSeconds((double)_arrived / options.MinBodyBytesPerSecond)
            - time.GetElapsedTime(_begun);
        if (left <= TimeSpan.Zero)
        {
            // The connection closes, so that the unread rest of the body is not taken for the next request.
            request.HttpContext.Response.Headers[HeaderNames.Connection] = "close";
            throw new CaptureRefusedException(CaptureRefusal.TooSlow());
        }

        _alarm?.Change(left, Timeout.InfiniteTimeSpan);
    }
}
