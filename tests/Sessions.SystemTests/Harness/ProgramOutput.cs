using System.Diagnostics;

namespace Sessions.SystemTests.Harness;

/// <summary>What a process said: kept whole in a file, its end at hand for messages.</summary>
public sealed class ProgramOutput : IDisposable
{
    private const int KeptLines = 60;

    private readonly Lock _gate = new();
    private readonly Queue<string> _tail = new();
    private readonly StreamWriter _file;
    private bool _closed;

    public ProgramOutput(string path)
    {
        Path = path;
        _file = new StreamWriter(path, append: false) { AutoFlush = true };
    }

    public string Path { get; }

    /// <summary>Starts to listen; the process must have been started with both streams redirected.</summary>
    public void Follow(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The last lines, and where all of them are.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            return $"{string.Join(Environment.NewLine, _tail)}{Environment.NewLine}(all of it: {Path})";
        }
    }

    /// <summary>All lines from the beginning.</summary>
    public async Task<string> ReadAll()
    {
        await using FileStream file = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader text = new(file);
        return await text.ReadToEndAsync();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _file.Dispose();
        }
    }

    private void Add(string? line)
    {
        lock (_gate)
        {
            if (line is null || _closed)
            {
                return;
            }

            _file.WriteLine(line);
            _tail.Enqueue(line);
            if (_tail.Count > KeptLines)
            {
                _tail.Dequeue();
            }
        }
    }
}
