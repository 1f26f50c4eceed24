namespace Sessions.Host.Database;

/// <summary>
/// The account that the private Postgres runs as. Postgres refuses to run as root, so root gives it to
/// <c>postgres</c>; everybody else runs it as themselves.
/// </summary>
internal sealed class ServerAccount
{
    private const string Name = "postgres";

    private readonly bool _switches;

    private ServerAccount(bool switches) => _switches = switches;

    /// <summary>The account to use; makes the user when root finds none.</summary>
    public static async Task<ServerAccount> Find(CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(switches: false);
        }

        if (!(await Command.Run(["id", Name], cancel)).Succeeded)
        {
            await Command.RunChecked(
                ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", Name], cancel);
        }

        return new ServerAccount(switches: true);
    }

    /// <summary>What a person types before a command line so that it runs as this account; empty when it would anyway.</summary>
    public string Prefix => _switches ? $"setpriv --reuid={Name} --regid={Name} --init-groups -- " : "";

    /// <summary>The same command line, run as this account in a session of its own, so that Ctrl-C passes it by.</summary>
    public IReadOnlyList<string> As(params string[] line) => _switches
        ? ["setsid", "--wait", "setpriv", $"--reuid={Name}", $"--regid={Name}", "--init-groups", "--", .. line]
        : ["setsid", "--wait", .. line];

    /// <summary>Makes the account the owner of a file or directory.</summary>
    public async Task Own(string path, CancellationToken cancel)
    {
        if (_switches)
        {
            await Command.RunChecked(["chown", $"{Name}:{Name}", path], cancel);
        }
    }

    /// <summary>Whether the account can write in the directory, so that every directory above lets it through.</summary>
    public async Task<bool> Reaches(string directory, CancellationToken cancel) =>
        !_switches || (await Command.Run(As("test", "-w", directory), cancel)).Succeeded;
}
