namespace Sessions.Run.Postgres;

/// <summary>
/// The account that the private Postgres runs as. Postgres refuses to run as root, so root runs it as <c>postgres</c>;
/// other users run it as themselves.
/// </summary>
internal sealed class ServerAccount
{
    private const string Name = "postgres";

    private readonly bool _switches;

    private ServerAccount(bool switches) => _switches = switches;

    /// <summary>Finds the account; creates it if root finds none.</summary>
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

    /// <summary>The prefix that makes a command line run as this account; empty when it does so anyway.</summary>
    public string Prefix => _switches ? $"setpriv --reuid={Name} --regid={Name} --init-groups -- " : "";

    /// <summary>
    /// The same command line as this account, in a session of its own, so that Ctrl-C does not reach it.
    /// </summary>
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

    /// <summary>
    /// Whether the account can write in the directory, which also needs access to every directory above.
    /// </summary>
    public async Task<bool> Reaches(string directory, CancellationToken cancel) =>
        !_switches || (await Command.Run(As("test", "-w", directory), cancel)).Succeeded;
}
