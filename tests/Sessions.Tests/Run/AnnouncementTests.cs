using Sessions.Run.Supervision;
using Sessions.Web.Projects;

namespace Sessions.Tests.Run;

/// <summary>What <c>./run</c> prints when it is ready: secrets, or with --hide-secrets the files that hold them.</summary>
public sealed class AnnouncementTests
{
    private const string Logs = "/data/logs";

    private static readonly ReadyFile Ready = new()
    {
        Gateways = ["http://127.0.0.1:8000"],
        ProjectToken = "phc_public",
        ApiKey = "sk_secret",
        OperatorKey = "op_secret",
        Postgres = "Host=127.0.0.1;Port=5432;Database=sessions;Username=sessions;Password=secret-owner",
        PostgresReader = "Host=127.0.0.1;Port=5432;Database=sessions;Username=reader;Password=secret-reader",
        Processes = [new("all", 1, "all")],
        Cluster = new("sessions-secret", "sessions", "Npgsql", "Host=a", "default"),
        Metrics = [new("all", "http://127.0.0.1:8000/metrics")],
    };

    private static readonly DemoAccess Demo = new("phc_demo", "sk_demo_secret", "Host=127.0.0.1;Port=5432;Database=sessions;Username=demo;Password=secret-demo", "demo-ticket");

    [Fact]
    public void It_shows_what_is_needed_to_begin_but_not_the_clusters_id_and_its_links_hold_no_key()
    {
        string text = Announcement.Compose(Ready, "one-ticket", Demo, Logs);

        Assert.Contains("API key        sk_secret", text, StringComparison.Ordinal);
        Assert.Contains("psql \"postgresql://reader:secret-reader@127.0.0.1:5432/sessions\"", text, StringComparison.Ordinal);
        Assert.Contains("operator key   op_secret", text, StringComparison.Ordinal);
        Assert.Contains("/signin?ticket=one-ticket\n", text, StringComparison.Ordinal);
        Assert.Contains("/signin?ticket=demo-ticket ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sessions-secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_shows_the_whole_snippet_of_the_pages()
    {
        string text = Announcement.Compose(Ready, "one-ticket", Demo, Logs);

        Assert.All(
            WebSnippet.Of("http://127.0.0.1:8000", "phc_public").Split('\n'),
            line => Assert.Contains(line, text, StringComparison.Ordinal));
        Assert.Contains("/static/array.js", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_own_projects_snippet_and_link_come_after_all_of_the_demo_and_the_link_is_the_last_line()
    {
        string text = Announcement.Compose(Ready, "one-ticket", Demo, Logs);

        string[] lines = [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        Assert.Equal("http://127.0.0.1:8000/signin?ticket=one-ticket", lines[^1]);
        int demo = Array.FindLastIndex(lines, line => line.Contains("demo", StringComparison.OrdinalIgnoreCase));
        int snippet = Array.FindIndex(lines, line => line.Contains("<script>", StringComparison.Ordinal));
        Assert.InRange(demo, 1, snippet - 1);
        Assert.All(lines[(demo + 1)..], line => Assert.DoesNotContain("demo", line, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("logs           /data/logs", lines);
    }

    [Fact]
    public void With_hidden_secrets_the_files_are_named_that_hold_them()
    {
        string text = Announcement.Compose(Ready, "one-ticket", Demo, Logs, new SecretFiles("/data/secrets.json", "/my data/readers.pgpass"));

        Assert.DoesNotContain("secret-", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sk_", text, StringComparison.Ordinal);
        Assert.DoesNotContain("op_", text, StringComparison.Ordinal);
        Assert.Contains("project token  phc_public", text, StringComparison.Ordinal);
        Assert.Contains("API key        \"api_key\" in /data/secrets.json", text, StringComparison.Ordinal);
        Assert.Contains("API key        \"demo_api_key\" in /data/secrets.json", text, StringComparison.Ordinal);
        Assert.Contains("psql \"postgresql://reader@127.0.0.1:5432/sessions?passfile=%2Fmy%20data%2Freaders.pgpass\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_password_file_is_one_that_psql_accepts()
    {
        using TemporaryDirectory directory = new();

        string file = PasswordFile.Write(directory.Location, ["Host=a;Username=reader;Password='a:b\\c'", Demo.Reader]);

        Assert.Equal("*:*:*:reader:a\\:b\\\\c\n*:*:*:demo:secret-demo\n", File.ReadAllText(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Psql_finds_the_primary_among_several_hosts() => Assert.Equal(
        "postgresql://reader:x@a:5432,b:5433/sessions?target_session_attrs=read-write",
        Announcement.PostgresUri("Host=a,b:5433;Port=5432;Database=sessions;Username=reader;Password=x"));
}
