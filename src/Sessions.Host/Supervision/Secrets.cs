using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sessions.Host.Supervision;

/// <summary>What is made up once and then kept: the passwords on the private Postgres, the default project's token and key.</summary>
internal sealed record Secrets
{
    private const string FileName = "secrets.json";
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 43; // of 62 letters: 256 bits

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>What browsers send. Public.</summary>
    [JsonPropertyName("project_token")]
    public required string ProjectToken { get; init; }

    /// <summary>What the API takes.</summary>
    [JsonPropertyName("api_key")]
    public required string ApiKey { get; init; }

    /// <summary>The private Postgres' superuser.</summary>
    [JsonPropertyName("postgres_admin_password")]
    public required string AdminPassword { get; init; }

    /// <summary>The program's own role on the private Postgres.</summary>
    [JsonPropertyName("postgres_password")]
    public required string OwnerPassword { get; init; }

    /// <summary>The default project's SQL reader.</summary>
    [JsonPropertyName("postgres_reader_password")]
    public required string ReaderPassword { get; init; }

    /// <summary>The demo project's token, once there was a demo.</summary>
    [JsonPropertyName("demo_token")]
    public string? DemoToken { get; init; }

    /// <summary>What the API takes for the demo project.</summary>
    [JsonPropertyName("demo_api_key")]
    public string? DemoApiKey { get; init; }

    /// <summary>The demo project's SQL reader.</summary>
    [JsonPropertyName("demo_reader_password")]
    public string? DemoReaderPassword { get; init; }

    /// <summary>Reads the directory's secrets, or makes them. The file is for its owner's eyes only.</summary>
    /// <exception cref="InvalidOperationException">The file is there and can't be understood.</exception>
    public static Secrets LoadOrCreate(string directory)
    {
        string file = Path.Combine(directory, FileName);
        if (File.Exists(file))
        {
            return Read(file);
        }

        Secrets made = new()
        {
            ProjectToken = "phc_" + Random(),
            ApiKey = "sk_" + Random(),
            AdminPassword = Random(),
            OwnerPassword = Random(),
            ReaderPassword = Random(),
        };
        made.Write(directory);
        return made;
    }

    /// <summary>The same with those of the demo project, which are made up when somebody first asks for it.</summary>
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
            // Making new ones would lock us out of the Postgres that knows the old.
            throw new InvalidOperationException($"{file} can't be read: {malformed.Message}", malformed);
        }
    }

    private static string Random() => RandomNumberGenerator.GetString(Alphabet, Length);
}
