using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Run.Supervision;

/// <summary>
/// Secrets that are generated once and then kept: the passwords on the private Postgres, the default project's token
/// and key, the operator's key.
/// </summary>
internal sealed record Secrets
{
    private const string FileName = "secrets.json";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43; // of 62 letters: 256 bits

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>The token that SDKs send. Public.</summary>
    [JsonPropertyName("project_token")]
    public required string ProjectToken { get; init; }

    /// <summary>The API key.</summary>
    [JsonPropertyName("api_key")]
    public required string ApiKey { get; init; }

    /// <summary>The operator's key; null in a file of a version before 0.3.</summary>
    [JsonPropertyName("operator_key")]
    public string? OperatorKey { get; init; }

    /// <summary>The private Postgres' superuser.</summary>
    [JsonPropertyName("postgres_admin_password")]
    public required string AdminPassword { get; init; }

    /// <summary>The program's own role on the private Postgres.</summary>
    [JsonPropertyName("postgres_password")]
    public required string OwnerPassword { get; init; }

    /// <summary>The default project's SQL reader.</summary>
    [JsonPropertyName("postgres_reader_password")]
    public required string ReaderPassword { get; init; }

    /// <summary>Part of the cluster's id. Silos refuse connections that do not name it.</summary>
    [JsonPropertyName("cluster_secret")]
    public string? ClusterSecret { get; init; }

    /// <summary>The demo project's token; null until the demo first runs.</summary>
    [JsonPropertyName("demo_token")]
    public string? DemoToken { get; init; }

    /// <summary>The demo project's API key.</summary>
    [JsonPropertyName("demo_api_key")]
    public string? DemoApiKey { get; init; }

    /// <summary>The demo project's SQL reader.</summary>
    [JsonPropertyName("demo_reader_password")]
    public string? DemoReaderPassword { get; init; }

    /// <summary>Reads the directory's secrets, or generates them. Only the file's owner may read it.</summary>
    /// <exception cref="InvalidOperationException">The file exists but can't be parsed.</exception>
    public static Secrets LoadOrCreate(string directory)
    {
        string file = Path.Combine(directory, FileName);
        if (File.Exists(file))
        {
            Secrets read = Read(file);
            if (read is { ClusterSecret: not null, OperatorKey: not null })
            {
                return read;
            }

            // An older version made the file.
            Secrets completed = read with
            {
                ClusterSecret = read.ClusterSecret ?? Random(),
                OperatorKey = read.OperatorKey ?? "op_" + Random(),
            };
            completed.Write(directory);
            return completed;
        }

        Secrets made = new()
        {
            ProjectToken = "phc_" + Random(),
            ApiKey = "sk_" + Random(),
            OperatorKey = "op_" + Random(),
            AdminPassword = Random(),
            OwnerPassword = Random(),
            ReaderPassword = Random(),
            ClusterSecret = Random(),
        };
        made.Write(directory);
        return made;
    }

    /// <summary>The path of the file in a data directory.</summary>
    public static string FileIn(string directory) => Path.Combine(directory, FileName);

    /// <summary>Adds the secrets of the demo project, which are generated when the demo first runs.</summary>
    public Secrets WithDemo(string directory)
    {
        if (DemoToken is not null && DemoApiKey is not null && DemoReaderPassword is not null)
        {
            return this;
        }

        Secrets more = this with { DemoToken = "phc_demo" + Random(), DemoApiKey = "sk_demo" + Random(), DemoReaderPassword = Random() };
        more.Write(directory);
        return more;
    }

    private void Write(string directory) =>
        PrivateFile.Write(Path.Combine(directory, FileName), JsonSerializer.Serialize(this, Format));

    private static Secrets Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Secrets>(File.ReadAllText(file))
                ?? throw new JsonException("it is empty");
        }
        catch (JsonException malformed)
        {
            // New secrets would lock us out of the existing Postgres.
            throw new InvalidOperationException($"{file} can't be read: {malformed.Message}", malformed);
        }
    }

    private static string Random() => RandomNumberGenerator.GetString(Alphabet, Length);
}
