namespace Sessions.Host.Supervision;

/// <summary>The directory that holds all that is to survive, held by one supervisor at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held)
    {
        Location = path;
        _lock = held;
    }

    public string Location { get; }

    public string Postgres => Path.Combine(Location, "postgres");

    public string Logs => Path.Combine(Location, "logs");

    /// <summary>Makes the directory when it is missing and takes it.</summary>
    /// <exception cref="InvalidOperationException">It can't be made, or somebody else has it.</exception>
    public static DataDirectory Take(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            Directory.CreateDirectory(Path.Combine(full, "logs"));
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The data directory {full} can't be made: {denied.Message}", denied);
        }

        try
        {
            // Two supervisors would each think the Postgres theirs. The kernel drops the lock with its process.
            return new DataDirectory(
                full, new FileStream(Path.Combine(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            throw new InvalidOperationException($"Another ./run is using {full}; stop it, or choose another directory with --data");
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new InvalidOperationException($"The data directory {full} can't be used: {denied.Message}", denied);
        }
    }

    public void Dispose() => _lock.Dispose();
}
