namespace Sessions.Run.Supervision;

/// <summary>A child's log: <c>name.log</c>, and <c>name.log.1</c> with earlier lines.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly string _path;
    private readonly long _mostBytes;
    private readonly Lock _gate = new();
    private StreamWriter _writer;

    /// <param name="path">The file's path. An existing file is renamed.</param>
    /// <param name="mostBytes">A file that reaches this size is renamed. Default 20 MB.</param>
    public LogFile(string path, long mostBytes = 20_000_000)
    {
        _path = path;
        _mostBytes = mostBytes;
        _writer = Begin();
    }

    public void WriteLine(string line)
    {
        lock (_gate)
        {
            if (_writer.BaseStream.Length > _mostBytes)
            {
                _writer.Dispose();
                _writer = Begin();
            }

            _writer.WriteLine(line);
        }
    }

    public void Dispose() => _writer.Dispose();

    private StreamWriter Begin()
    {
        if (File.Exists(_path))
        {
            File.Move(_path, _path + ".1", overwrite: true);
        }

        return new StreamWriter(_path) { AutoFlush = true };
    }
}
