using System.Text.Json;
using System.Text.Json.Nodes;
using Sessions.Run.Supervision;

namespace Sessions.Tests.Run;

public sealed class DataDirectoryTests
{
    [Fact]
    public void Secrets_are_kept_over_restarts_and_only_the_owner_can_read_them()
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
    public void The_clusters_secret_is_added_to_the_file_of_an_older_version_and_kept_and_does_not_follow_from_the_token()
    {
        using TemporaryDirectory directory = new();
        string file = directory.At("secrets.json");
        string token = Secrets.LoadOrCreate(directory.Location).ProjectToken;
        JsonObject older = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        older.Remove("cluster_secret");
        File.WriteAllText(file, older.ToJsonString());

        string first = Secrets.LoadOrCreate(directory.Location).ClusterSecret!;

        Assert.Matches("^[A-Za-z0-9]{40,}$", first);
        Assert.Equal((first, token), (Secrets.LoadOrCreate(directory.Location).ClusterSecret, Secrets.LoadOrCreate(directory.Location).ProjectToken));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        File.WriteAllText(file, older.ToJsonString());
        Assert.NotEqual(first, Secrets.LoadOrCreate(directory.Location).ClusterSecret);
    }

    [Fact]
    public void Two_data_directories_have_different_secrets()
    {
        using TemporaryDirectory one = new();
        using TemporaryDirectory other = new();

        Assert.NotEqual(Secrets.LoadOrCreate(one.Location), Secrets.LoadOrCreate(other.Location));
    }

    [Fact]
    public void Broken_secrets_are_an_error_and_are_not_replaced()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.At("secrets.json"), "{");

        Assert.Throws<InvalidOperationException>(() => Secrets.LoadOrCreate(directory.Location));
        Assert.Equal("{", File.ReadAllText(directory.At("secrets.json")));
    }

    [Fact]
    public void Only_one_supervisor_at_a_time_can_use_the_data_directory()
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
    public void The_ready_file_has_the_documented_content_and_is_replaced_atomically()
    {
        using TemporaryDirectory directory = new();
        string file = directory.At("new/ready.json");
        ReadyFile ready = new()
        {
            Gateways = ["http://127.0.0.1:8000"],
            ProjectToken = "phc_x",
            ApiKey = "sk_x",
            OperatorKey = "sk_x",
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
            ["gateways", "project_token", "api_key", "operator_key", "postgres", "postgres_reader", "processes", "cluster", "metrics"],
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
    public void The_psql_command_works_with_unusual_passwords()
    {
        Assert.Equal(
            "postgresql://reader:p%40ss%2Fw@127.0.0.1:5432/sessions",
            Announcement.PostgresUri("Host=127.0.0.1;Port=5432;Database=sessions;Username=reader;Password=p@ss/w"));
        Assert.Equal(
            "postgresql://reader:@db:5432/sessions?sslmode=verify-full&sslrootcert=%2Fetc%2Fmy%20ca.crt",
            Announcement.PostgresUri("Host=db;Database=sessions;Username=reader;SSL Mode=VerifyFull;Root Certificate=/etc/my ca.crt"));
    }
}
