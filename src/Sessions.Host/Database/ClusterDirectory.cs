using System.Globalization;

namespace Sessions.Host.Database;

/// <summary>
/// Where the private Postgres keeps its files. That is the directory asked for, or, when the server's account can't
/// reach that, a fresh one under <c>/var/lib</c> which the directory asked for links to.
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

    /// <summary>The directory asked for; a symbolic link when <see cref="Location"/> is another.</summary>
    public string Link { get; }

    /// <summary>The directory that holds the files.</summary>
    public string Location { get; }

    /// <summary>Our settings, which Postgres' own file includes. Written last when a cluster is made: without it, making was cut short.</summary>
    public string SettingsFile => Path.Combine(Location, "sessions.conf");

    /// <summary>What the server said before its log was open.</summary>
    public string StartLog => Path.Combine(Location, "start.log");

    public bool IsComplete => File.Exists(SettingsFile);

    /// <summary>The major version that made the cluster; null when there is none yet.</summary>
    public int? Version =>
        IsComplete && int.TryParse(File.ReadAllText(Path.Combine(Location, "PG_VERSION")), CultureInfo.InvariantCulture, out int version)
            ? version
            : null;

    /// <summary>Finds the directory, or makes it.</summary>
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

            throw new InvalidOperationException($"{directory} links to {target}, which does not exist; remove the link to begin afresh.");
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

    /// <summary>Writes a file that the server's account owns, in one step.</summary>
    public async Task Write(string path, string content, CancellationToken cancel)
    {
        string beside = path + ".new";
        await File.WriteAllTextAsync(beside, content, cancel);
        await _account.Own(beside, cancel);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Removes what a cut-short making left behind.</summary>
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

    /// <summary>Removes everything, the link as well.</summary>
    public void Delete()
    {
        Directory.Delete(Location, recursive: true);
        if (Link != Location && new FileInfo(Link).LinkTarget is not null)
        {
            File.Delete(Link);
        }
    }
}
