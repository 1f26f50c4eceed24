using Microsoft.AspNetCore.Http;

namespace Sessions.Columns.Serving;

/// <summary>
/// A file between a statement that writes rows and a reader that may be slow: the statement does not wait, so that it keeps its
/// state of the project's file for a short time only. Nothing of it is left when it is closed.
/// </summary>
/// <remarks>One writer and one reader at the same time.</remarks>
internal sealed class Spool : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly FileStream _writing;
    private readonly FileStream _reading;
    private readonly long _most;
    private TaskCompletionSource _changed = New();
    private long _written;
    private bool _isDone;

    /// <summary>Makes an empty one.</summary>
    /// <param name="directory">Where the file is.</param>
    /// <param name="most">The most bytes.</param>
    public Spool(string directory, long most)
    {
        _most = most;
        string path = Path.Combine(directory, $"{Guid.NewGuid():N}.rows");
        _writing = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        _reading = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        // Both streams go on without a name, and a process that dies leaves nothing.
        File.Delete(path);
    }

    /// <summary>Completes when something was written, or all was.</summary>
    public Task Began => Beyond(0);

    /// <summary>Adds bytes.</summary>
    /// <exception cref="IOException">There are more than allowed, or the disk is full.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length;
        if (_written + length > _most)
        {
            throw new IOException("The rows need more room than Columns:TemporaryMegabytes.");
        }

        _writing.Write(bytes);
        Change(() => _written += length);
    }

    /// <summary>Says that nothing more comes.</summary>
    public void End() => Change(() => _isDone = true);

    /// <summary>Sends everything, also what is written meanwhile.</summary>
    public async Task CopyTo(HttpResponse response, CancellationToken cancellation)
    {
        byte[] buffer = new byte[BufferBytes];
        for (long sent = 0; ;)
        {
            await Beyond(sent).WaitAsync(cancellation);
            int read = await _reading.ReadAsync(buffer, cancellation);
            if (read == 0)
            {
                return;
            }

            sent += read;
            // Waits for a slow reader, so that nothing accumulates in memory.
            await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writing.Dispose();
        _reading.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task Beyond(long position)
    {
        lock (_gate)
        {
            return _written > position || _isDone ? Task.CompletedTask : WaitBeyond(position);
        }
    }

    private async Task WaitBeyond(long position)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_written > position || _isDone)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed;
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource before;
        lock (_gate)
        {
            change();
            (before, _changed) = (_changed, New());
        }

        before.SetResult();
    }
}
