using System.Diagnostics;

namespace Sessions.SystemTests.Harness;

/// <summary>A disk of its own that the test can fill: a tmpfs.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const int Block = 64 * 1024;

    private readonly TempFolder _folder = new();
    private readonly string _path;

    private SmallDisk() => _path = Path.Combine(_folder.Path, "disk");

    private string Ballast => Path.Combine(_path, "ballast");

    /// <summary>Mounts it. The test counts as skipped where that is not allowed.</summary>
    public static async Task<SmallDisk> Mount(int megabytes)
    {
        SmallDisk made = new();
        Directory.CreateDirectory(made._path);
        (int exitCode, string said) = await QuietProgram.Try("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "tmpfs", made._path);
        if (exitCode != 0)
        {
            made._folder.Dispose();
            Assert.Skip($"No disk can be mounted here, which takes root's rights: {said}");
        }

        return made;
    }

    /// <summary>A folder on it that belongs to an account.</summary>
    public string FolderOf(string account)
    {
        string folder = Path.Combine(_path, "of-account");
        using Process made = Process.Start("install", ["-d", "-o", account, "-g", account, "-m", "700", folder]);
        made.WaitForExit();
        return folder;
    }

    /// <summary>Fills it to the last byte.</summary>
    public void Fill()
    {
        // Without a buffer: what found no room must not be written again at the end.
        using FileStream ballast = new(Ballast, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        byte[] block = new byte[Block];
        for (int size = Block; size > 0;)
        {
            try
            {
                ballast.Write(block, 0, size);
            }
            catch (IOException)
            {
                // No room for so much.
                size /= 4;
            }
        }
    }

    /// <summary>Gives back what was filled.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await QuietProgram.Run("umount", _path);
        _folder.Dispose();
    }
}
