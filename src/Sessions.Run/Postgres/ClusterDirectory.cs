using System.Globalization;

namespace Sessions.Run.Postgres;

/// <summary>
/// The directory of the private Postgres. It is the requested directory. If the server's account can't reach that, it
/// is a new one under <c>/var/lib</c>, and the requested directory is a link to it.
/// </summary>
internal sealed class ClusterDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly ServerAccount _account;

    private ClusterDirectory(string link, string path, ServerAccount account)
    {
        Link = link;
        Location = path;
        _account = account;
    }

    /// <summary>The requested directory; a symbolic link when <see cref="Location"/> is another.</summary>
    public string Link { get; }

    /// <summary>The directory that holds the files.</summary>
    public string Location { get; }

    /// <summary>
    /// Our settings, which Postgres' own file includes. Written last when a cluster is created: if it is missing, the
    /// creation was interrupted.
    /// </summary>
    public string SettingsFile => Path.Combine(Location, "sessions.conf");

    /// <summary>The server's output from before it opened its log.</summary>
    public string StartLog => Path.Combine(Location, "start.log");

    public bool IsComplete => File.Exists(SettingsFile);

    /// <summary>The major version that created the cluster; null when there is none yet.</summary>
    public int? Version =>
        IsComplete && int.TryParse(File.ReadAllText(Path.Combine(Location, "PG_VERSION")), CultureInfo.InvariantCulture, out int version)
            ? version
            : null;

    /// <summary>Finds the directory, or creates it.</summary>
    public static async Task<ClusterDirectory> Open(string directory, ServerAccount account, CancellationToken cancel)
    {
        DirectoryInfo asked = new(directory);
        if (asked.LinkTarget is not null)
        {
            string target = asked.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            if (Directory.Exists(target))
            {
                return new ClusterDirectory(directory, target, account);
            }

            throw new InvalidOperationException($"{directory} links to {target}, which does not exist; remove the link to start with an empty database.");
        }

        if (!asked.Exists)
        {
            Directory.CreateDirectory(directory, OwnerOnly);
            await account.Own(directory, cancel);
        }

        if (await account.Reaches(directory, cancel))
        {
            return new ClusterDirectory(directory, asked.FullName, account);
        }

        if (asked.EnumerateFileSystemInfos().Any())
        {
            throw new InvalidOperationException($"The account that runs Postgres cannot reach {directory}.");
        }

        string elsewhere = await Command.RunChecked(["mktemp", "-d", "/var/lib/orleans-sessions-XXXXXXXX"], cancel);
        await account.Own(elsewhere, cancel);
        Directory.Delete(directory);
        File.CreateSymbolicLink(directory, elsewhere);
        return new ClusterDirectory(directory, elsewhere, account);
    }

    /// <summary>Writes a file in one step. The server's account owns it.</summary>
    public async Task Write(string path, string content, CancellationToken cancel)
    {
        string beside = path + ".new";
        await File.WriteAllTextAsync(beside, content, cancel);
        await _account.Own(beside, cancel);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Removes the files of an interrupted creation.</summary>
    public void Clear()
    {
        foreach (FileSystemInfo entry in new DirectoryInfo(Location).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    /// <summary>Removes all files and the link.</summary>
    public void Delete()
    {
        Directory.Delete(Location, recursive: true);
        if (Link != Location && new FileInfo(Link).LinkTarget is not null)
        {
            File.Delete(Link);
        }
    }
}
