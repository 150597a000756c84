#Requires -Version 7.0
<#
.SYNOPSIS
Tests a Taskwire deployment: connect, statistics, an event for a task that is created, and its removal.
.DESCRIPTION
The essential checks of `npm run smoke`, for PowerShell 7 alone. Exit code 0 when all pass, 1 when one fails.
.PARAMETER BaseUrl
Where the API answers, without a path, e.g. https://tasks.example.com or http://localhost:8788.
.PARAMETER JwtToken
Token of a user. A local stack gives one by itself when this is left out.
.PARAMETER StreamUrl
Where /sse/connect answers, if elsewhere: the Function URL of a stage whose edge is off.
.PARAMETER TimeoutSeconds
Time for each step.
.EXAMPLE
./tools/test-sse.ps1 -BaseUrl http://localhost:8788
.EXAMPLE
./tools/test-sse.ps1 -BaseUrl https://tasks.example.com -JwtToken $token
#>
param(
    [ValidateScript({ $_.IsAbsoluteUri })] [uri] $BaseUrl = 'http://localhost:8788',
    [string] $JwtToken = '',
    [uri] $StreamUrl = $BaseUrl,
    [ValidateRange(1, 600)] [int] $TimeoutSeconds = 15
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:failures = 0

# Runs a step, prints what it gives and how long it took, and gives it; $null when it failed.
function Invoke-Step {
    param([string] $Name, [string] $Remedy, [scriptblock] $Action)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    try {
        $result = & $Action
        Write-Host ('ok    {0} ({1} ms)' -f $Name, $watch.ElapsedMilliseconds)
        return $result
    }
    catch {
        $script:failures += 1
        # An answer may repeat what it was sent.
        $reason = $_.Exception.Message
        if ($script:token) { $reason = $reason.Replace($script:token, '(token)') }
        Write-Host ('FAIL  {0} ({1} ms): {2}' -f $Name, $watch.ElapsedMilliseconds, $reason)
        Write-Host ('      do: {0}' -f $Remedy)
        return $null
    }
}

# Sends a request to the API and gives its status and its JSON.
function Invoke-Api {
    param([string] $Method, [string] $Path, [hashtable] $Body = $null)
    $request = @{
        Method             = $Method
        Uri                = [uri]::new($BaseUrl, $Path)
        Headers            = @{ Authorization = "Bearer $script:token" }
        TimeoutSec         = $TimeoutSeconds
        MaximumRedirection = 0
        SkipHttpErrorCheck = $true
    }
    if ($null -ne $Body) {
        $request.Body = ConvertTo-Json -InputObject $Body -Compress
        $request.ContentType = 'application/json'
    }
    $answer = Invoke-WebRequest @request
    [pscustomobject]@{ Status = [int] $answer.StatusCode; Text = [string] $answer.Content }
}

# Reads the stream up to the first data whose JSON fulfils the condition. Comments and other lines are passed over.
function Read-Event {
    param([System.IO.StreamReader] $Reader, [scriptblock] $Condition)
    $end = [DateTime]::UtcNow.AddSeconds($TimeoutSeconds)
    while ($true) {
        if ($null -eq $script:pendingLine) { $script:pendingLine = $Reader.ReadLineAsync() }
        $left = [int] [Math]::Max(0, ($end - [DateTime]::UtcNow).TotalMilliseconds)
        if (-not $script:pendingLine.Wait($left)) { throw "no such event within $TimeoutSeconds s" }
        $line = $script:pendingLine.Result
        $script:pendingLine = $null
        if ($null -eq $line) { throw 'the stream has ended' }
        if (-not $line.StartsWith('data:')) { continue }
        $data = ConvertFrom-Json -InputObject $line.Substring(5) -AsHashtable
        if (& $Condition $data) { return $data }
    }
}

$script:token = $JwtToken
if (-not $script:token -and $BaseUrl.IsLoopback) {
    $script:token = Invoke-Step 'get a token' 'check that the stack runs, and its port: npm start' {
        $issuer = [uri]::new($BaseUrl, '/issuer/token')
        $answer = Invoke-RestMethod -Method Post -Uri $issuer -Body '{"sub":"test-sse"}' -TimeoutSec $TimeoutSeconds
        $answer.token
    }
    # Nothing else can work, and the step has said why.
    if (-not $script:token) { exit 1 }
}
if (-not $script:token) {
    Write-Host '-JwtToken is missing: a JWT of the issuer of this deployment'
    exit 1
}

$script:pendingLine = $null
$client = [System.Net.Http.HttpClient]::new()
$client.Timeout = [System.Threading.Timeout]::InfiniteTimeSpan
$taskId = $null
try {
    $reader = Invoke-Step 'connect' 'check the URL and the token, and that nothing on the way buffers' {
        $uri = [uri]::new($StreamUrl, '/sse/connect?token=' + [uri]::EscapeDataString($script:token))
        $pending = $client.GetAsync($uri, [System.Net.Http.HttpCompletionOption]::ResponseHeadersRead)
        if (-not $pending.Wait($TimeoutSeconds * 1000)) { throw "no answer within $TimeoutSeconds s" }
        $response = $pending.Result
        if ([int] $response.StatusCode -ne 200) { throw "GET /sse/connect answered $([int] $response.StatusCode)" }
        $opened = [System.IO.StreamReader]::new($response.Content.ReadAsStreamAsync().Result)
        $null = Read-Event $opened { param($data) $data['type'] -eq 'connection.established' }
        $opened
    }
    $null = Invoke-Step 'statistics' 'look at the log of the connections function' {
        $answer = Invoke-Api 'GET' '/sse/stats'
        # Only admins may see them.
        if ($answer.Status -notin 200, 403) { throw "GET /sse/stats answered $($answer.Status) $($answer.Text)" }
    }
    $taskId = Invoke-Step 'create a task' 'look at the log of the tasks function' {
        $answer = Invoke-Api 'POST' '/tasks' @{ name = 'test-sse' }
        if ($answer.Status -ne 201) { throw "POST /tasks answered $($answer.Status) $($answer.Text)" }
        (ConvertFrom-Json -InputObject $answer.Text -AsHashtable)['task']['id']
    }
    if ($null -ne $reader -and $null -ne $taskId) {
        $null = Invoke-Step 'event of the create' 'look at the log of the fan-out function, and whether its mapping is enabled' {
            Read-Event $reader { param($data) $data['type'] -eq 'task.created' -and $data['taskId'] -eq $taskId }
        }
    }
}
finally {
    if ($null -ne $taskId) {
        $null = Invoke-Step 'delete the task' "delete task $taskId by hand" {
            $answer = Invoke-Api 'DELETE' "/tasks/$taskId"
            if ($answer.Status -ne 200) { throw "DELETE /tasks/$taskId answered $($answer.Status) $($answer.Text)" }
        }
    }
    $client.Dispose()
}

if ($script:failures -gt 0) {
    Write-Host "failed: $script:failures"
    exit 1
}
Write-Host 'passed'
exit 0
