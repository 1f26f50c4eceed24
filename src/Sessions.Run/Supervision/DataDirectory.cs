namespace Sessions.Run.Supervision;

/// <summary>The directory of all data that survives a restart. One supervisor at a time holds it.</summary>
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

    /// <summary>Creates the directory when it is missing, and locks it.</summary>
    /// <exception cref="InvalidOperationException">It can't be created, or another supervisor holds it.</exception>
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
            throw new InvalidOperationException($"The data directory {full} can't be created: {denied.Message}", denied);
        }

        try
        {
            // Two supervisors would both use the same Postgres. The kernel releases the lock when the process ends.
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
