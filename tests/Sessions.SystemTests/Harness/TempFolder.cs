namespace Sessions.SystemTests.Harness;

/// <summary>A folder that goes when the test ends.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sessions-system-");

    // The private Postgres runs as another user when root starts it, and must get through to its data.
    public TempFolder() => File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
