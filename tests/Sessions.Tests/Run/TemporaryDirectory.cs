namespace Sessions.Tests.Run;

/// <summary>A directory for one test, which other accounts can reach unless told otherwise.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sessions-host-");

    public TemporaryDirectory(bool reachable = true)
    {
        if (reachable)
        {
            File.SetUnixFileMode(_directory.FullName, (UnixFileMode)0b111_101_101);
        }
    }

    public string Location => _directory.FullName;

    public string At(string name) => Path.Combine(Location, name);

    public void Dispose() => _directory.Delete(recursive: true);
}
