using System.Text.Json;
using Sessions.Host.Supervision;

namespace Sessions.Tests.Host;

public sealed class DataDirectoryTests
{
    [Fact]
    public void Secrets_survive_and_are_nobody_elses_business()
    {
        using TemporaryDirectory directory = new();

        Secrets first = Secrets.LoadOrCreate(directory.Location);
        Secrets second = Secrets.LoadOrCreate(directory.Location);

        Assert.Equal(first, second);
        Assert.Matches("^phc_[A-Za-z0-9]{40,}$", first.ProjectToken);
        Assert.Matches("^sk_[A-Za-z0-9]{40,}$", first.ApiKey);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.At("secrets.json")));
    }

    [Fact]
    public void Two_directories_have_nothing_in_common()
    {
        using TemporaryDirectory one = new();
        using TemporaryDirectory other = new();

        Assert.NotEqual(Secrets.LoadOrCreate(one.Location), Secrets.LoadOrCreate(other.Location));
    }

    [Fact]
    public void Broken_secrets_are_reported_and_never_replaced()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.At("secrets.json"), "{");

        Assert.Throws<InvalidOperationException>(() => Secrets.LoadOrCreate(directory.Location));
        Assert.Equal("{", File.ReadAllText(directory.At("secrets.json")));
    }

    [Fact]
    public void One_supervisor_at_a_time_has_the_directory()
    {
        using TemporaryDirectory directory = new();
        using (DataDirectory.Take(directory.At("data")))
        {
            var refused = Assert.Throws<InvalidOperationException>(() => DataDirectory.Take(directory.At("data")));
            Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
        }

        DataDirectory.Take(directory.At("data")).Dispose();
    }

    [Fact]
    public void The_ready_file_says_what_is_promised_and_is_replaced_whole()
    {
        using TemporaryDirectory directory = new();
        string file = directory.At("new/ready.json");
        ReadyFile ready = new()
        {
            Gateways = ["http://127.0.0.1:8000"],
            ProjectToken = "phc_x",
            ApiKey = "sk_x",
            Postgres = "Host=a",
            PostgresReader = "Host=b",
            Processes = [new("all", 1, "all"), new("postgres", 2, "postgres")],
            Cluster = new("sessions-1", "sessions", "Npgsql", "Host=a;Search Path=orleans", "default"),
            Metrics = [new("all", "http://127.0.0.1:8000/metrics")],
        };

        ready.Write(file);
        (ready with { ProjectToken = "phc_y" }).Write(file);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal(
            ["gateways", "project_token", "api_key", "postgres", "postgres_reader", "processes", "cluster", "metrics"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("phc_y", json.RootElement.GetProperty("project_token").GetString());
        Assert.Equal(
            """{"role":"postgres","pid":2,"name":"postgres"}""",
            JsonSerializer.Serialize(json.RootElement.GetProperty("processes")[1]));
        Assert.Equal(
            ["cluster_id", "service_id", "invariant", "connection_string", "project"],
            json.RootElement.GetProperty("cluster").EnumerateObject().Select(property => property.Name));
        Assert.Equal([file], Directory.GetFiles(directory.At("new")));
    }

    [Fact]
    public void The_psql_line_survives_odd_passwords()
    {
        Assert.Equal(
            "postgresql://reader:p%40ss%2Fw@127.0.0.1:5432/sessions",
            Announcement.PostgresUri("Host=127.0.0.1;Port=5432;Database=sessions;Username=reader;Password=p@ss/w"));
        Assert.Equal(
            "postgresql://reader:@db:5432/sessions?sslmode=verify-full&sslrootcert=%2Fetc%2Fmy%20ca.crt",
            Announcement.PostgresUri("Host=db;Database=sessions;Username=reader;SSL Mode=VerifyFull;Root Certificate=/etc/my ca.crt"));
    }
}
